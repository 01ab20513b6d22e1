//! Flags of `serve` for whoever runs it: settings, TLS, monitoring, logs.

use clap::ValueEnum;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OperatingArgs {
    /// 配置文件(TOML),键名即参数名;次序:参数、环境变量、配置文件、默认值 / file of settings (TOML), its keys are the names of flags; a flag counts before a variable, a variable before the file [default: /etc/shigu/shigu.toml where it is]
    #[arg(long, env = "SHIGU_CONFIG", value_name = "FILE")]
    pub(in crate::cli) config: Option<OsString>,
    /// 显示生效的设置及其来源后退出,不显示密钥 / print the settings that are in force and where they come from, without secrets, and exit
    #[arg(long)]
    pub(in crate::cli) print_config: bool,
    /// 在浏览器中打开 / open the page in the browser
    #[arg(long)]
    pub(in crate::cli) open: bool,
    /// TLS 证书(PEM:服务器证书,后接中间证书);文件变化或收到 SIGHUP 时重读 / certificate for TLS (PEM, the server's first); read again when the file changes or at SIGHUP
    #[arg(long, env = "SHIGU_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub(in crate::cli) tls_cert: Option<PathBuf>,
    /// 证书的私钥(PEM,无口令)/ the certificate's private key (PEM, without a password)
    #[arg(long, env = "SHIGU_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub(in crate::cli) tls_key: Option<PathBuf>,
    /// 浏览器在此秒数内只以 https 访问(HSTS);确认证书无误后再用 / seconds for which browsers come by https only (HSTS); once the certificate is known to work
    #[arg(long, env = "SHIGU_HSTS", value_name = "SECONDS")]
    pub(in crate::cli) hsts: Option<u32>,
    /// 监控专用的地址:/metrics 与 /healthz,不加密、无需登录;只应让监控系统到达 / address for monitoring: /metrics and /healthz, not encrypted, without a login; for monitoring alone to reach
    #[arg(long, env = "SHIGU_METRICS_LISTEN", value_name = "ADDR:PORT")]
    pub(in crate::cli) metrics_listen: Option<SocketAddr>,
    /// 日志格式 / form of the log on standard error
    #[arg(long, env = "SHIGU_LOG_FORMAT", value_enum, default_value = "text")]
    pub(in crate::cli) log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LogFormat {
    /// 供人阅读 / for people
    Text,
    /// 每行一个 JSON 对象 / one JSON object a line
    Json,
}
