//! Flags of the object store, whose names in the environment are those of other programs that speak S3.

use crate::service::store::{ObjectSettings, Objects};
use std::sync::Arc;

/// Where files are that several copies share without a folder.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ObjectsArgs {
    /// 保存版本内容、导入文件与小结文件的对象存储,多个服务由此不必共用文件夹 / object store for the content of versions, incoming files and reports: copies then share no folder
    #[arg(long, env = "SHIGU_OBJECTS", value_name = "s3://BUCKET/PREFIX", requires = "data_dir")]
    objects: Option<String>,
    /// 版本内容在本机磁盘上最多保留多少 MB;当前版本总在 / most MB of versions that stay on this machine's disk beside the object store; the current one always does
    #[arg(long, env = "SHIGU_OBJECTS_CACHE_MB", value_name = "MB", default_value_t = 10_000)]
    objects_cache_mb: u64,
    /// S3 服务地址 / address of the service that speaks S3 [default: that of Amazon for the region]
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    s3_endpoint: Option<String>,
    /// S3 区域 / region of S3
    #[arg(long, env = "AWS_REGION", value_name = "NAME")]
    s3_region: Option<String>,
    /// S3 访问密钥的名称 / id of the access key of S3
    #[arg(long, env = "AWS_ACCESS_KEY_ID", value_name = "ID")]
    s3_key_id: Option<String>,
    /// S3 访问密钥 / access key of S3
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", value_name = "KEY", hide_env_values = true)]
    s3_secret_key: Option<String>,
}

impl ObjectsArgs {
    /// The store, where one is named. Of the environment all that begins with `AWS_` counts.
    pub(super) fn open(&self) -> Result<Option<Arc<Objects>>, String> {
        let Some(address) = self.objects.clone() else { return Ok(None) };
        let given = [
            ("AWS_ENDPOINT_URL", &self.s3_endpoint),
            ("AWS_REGION", &self.s3_region),
            ("AWS_ACCESS_KEY_ID", &self.s3_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.s3_secret_key),
        ];
        let found =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let found = found.filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        let given = given.filter(|(_, value)| !value.is_empty());
        let settings = ObjectSettings {
            address,
            // what a flag says comes last, and counts
            s3: found.chain(given).collect(),
            cache: self.objects_cache_mb.saturating_mul(1_000_000),
        };
        Objects::open(&settings).map(|objects| Some(Arc::new(objects))).map_err(|e| crate::cli::both(&e.text()))
    }
}
