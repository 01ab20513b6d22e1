//! Resources as they are listed in `routes`: served by the path and methods that a handler's `utoipa::path` names. In builds for tests the
//! OpenAPI document is collected from the same list; a release has the document as a file instead, and none of the code that
//! makes it (ADR 43).

use axum::Router;
use axum::handler::Handler;
use axum::routing::MethodRouter;
use utoipa::openapi::HttpMethod;
use utoipa_axum::PathItemExt;
#[cfg(debug_assertions)]
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// What is served below one path.
#[derive(Default)]
pub(super) struct Resource {
    path: String,
    methods: MethodRouter,
    #[cfg(debug_assertions)]
    described: UtoipaMethodRouter,
}

impl Resource {
    /// Takes requests of these methods.
    pub(super) fn on<H: Handler<T, ()>, T: 'static>(&mut self, path: String, methods: &[HttpMethod], handler: &H) {
        debug_assert!(self.path.is_empty() || self.path == path, "{path} beside {}", self.path);
        self.path = path;
        let served = std::mem::take(&mut self.methods);
        self.methods = methods.iter().fold(served, |all, method| all.on(method.to_method_filter(), handler.clone()));
    }

    /// Says what it is in the document.
    #[cfg(debug_assertions)]
    pub(super) fn describe(&mut self, described: UtoipaMethodRouter) {
        self.described = described;
    }
}

/// The resource of one handler, or of several of one path.
macro_rules! routes {
    ($($handler:path),+ $(,)?) => {{
        let mut resource = $crate::http::routing::Resource::default();
        $({
            let (path, methods) = utoipa_axum::paste! {(
                utoipa_axum::routes!(@path [path()] of $handler),
                utoipa_axum::routes!(@path [methods()] of $handler),
            )};
            resource.on(path, &methods, &$handler);
        })+
        #[cfg(debug_assertions)]
        resource.describe(utoipa_axum::routes!($($handler),+));
        resource
    }};
}
pub(super) use routes;

/// Several resources.
#[derive(Default)]
pub(super) struct Routes {
    router: Router,
    #[cfg(debug_assertions)]
    described: OpenApiRouter,
}

impl Routes {
    /// With this resource.
    pub(super) fn routes(mut self, resource: Resource) -> Self {
        self.router = self.router.route(&resource.path, resource.methods);
        #[cfg(debug_assertions)]
        {
            self.described = self.described.routes(resource.described);
        }
        self
    }

    /// With all of those.
    pub(super) fn merge(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        #[cfg(debug_assertions)]
        {
            self.described = self.described.merge(others.described);
        }
        self
    }

    /// With what is no resource: layers, files, a fallback.
    pub(super) fn with(mut self, more: impl FnOnce(Router) -> Router) -> Self {
        self.router = more(self.router);
        self
    }

    /// What serves them.
    pub(super) fn router(self) -> Router {
        self.router
    }

    /// What they are.
    #[cfg(debug_assertions)]
    pub(super) fn described(self) -> OpenApiRouter {
        self.described
    }
}
