//! The command line; each flag has its `SHIGU_*` variable.

mod cities;
mod found;
mod kept;
mod objects;
mod operating;
mod tables;

pub(super) use cities::CitiesArgs;
pub(super) use found::{DenseMethodWord, GeocodeArgs, HotspotArgs, HotspotWord};
pub(super) use kept::{AccountsArgs, BackupArgs, VersionsArgs};
pub(super) use operating::{LogFormat, OperatingArgs};
pub(super) use tables::TablesArgs;

use crate::core::model::{Dataset, Period};
use crate::core::snapshot::ClassSpec;
use crate::core::snapshot::Snapshot;
use crate::data::load::{Limits, Source};
use crate::render::report::Format;
use crate::service::budget::PROTECTED_QUESTIONS;
use crate::service::oidc::NAME_CLAIM;
use crate::service::store::{AggregatesOf, CityFolders, DataFolder, KEPT, LINK_DAYS, current_source};
use clap::builder::PossibleValue;
use clap::{Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// 视谷: 产业集群与空间布局 GIS / industrial-cluster and spatial-layout GIS.
///
/// 不带命令运行时,在本机空闲端口启动服务并打开浏览器 / without a command: serves on a free port of this computer and opens the browser.
#[derive(Debug, Parser)]
#[command(name = "shigu", version, about)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 启动地图与数据服务 / serve map and data
    Serve(Box<ServeArgs>),
    /// 检查端口、文件夹、磁盘、证书等是否齐备;有不可用者退出码为 1 / say whether port, folder, disk, fonts, clock, limits and certificate are as `serve` needs them; exit 1 where one is not
    ServiceCheck(Box<ServeArgs>),
    /// 由边界文件(和表格)新建数据文件夹 / make a dataset folder from a file of boundaries and tables
    New(NewArgs),
    /// 用通俗的话说明数据文件夹里有什么 / say in plain words what a dataset folder holds
    Describe(DescribeArgs),
    /// 检查数据文件夹 / check a dataset folder and list every finding; exit 1 on errors
    Check(CheckArgs),
    /// 导入部门的表格 / check a department's table against the register and write a new dataset folder;
    /// exit 0: nothing wrong, 3: rows with errors were left out, 1: nothing was imported
    Import(ImportArgs),
    /// 列出、比较、退回版本 / list versions of the register, compare two, go back to one
    Versions(VersionsArgs),
    /// 备份运行数据文件夹 / copy the data folder as it is at one moment, also while it is in use
    Backup(BackupArgs),
    /// 列出帐户;为忘记口令者生成一次性链接 / list accounts; make a one-time link for who forgot the password
    Accounts(AccountsArgs),
    /// 输出空白填报模板 / write an empty table with drop-downs to fill in
    Template(TemplateArgs),
    /// 导出区域小结 / write a zone's summary to a file, as the page's button does
    Export(ExportArgs),
    /// 输出地图 / draw a map as SVG or PNG
    Map(MapArgs),
    /// 找出企业密集的地方 / find where rows lie close together: dense areas, hexagons, density
    Hotspots(Box<HotspotArgs>),
    /// 由地名表查地址的位置 / locate addresses by the dataset's tables of places; exit 3 where one was not found
    Geocode(GeocodeArgs),
    /// 由 OpenStreetMap 数据或道路、水系等文件制作底图 / make a base map from an extract of OpenStreetMap or from files of roads, water ...
    Basemap(BasemapArgs),
    /// 生成示例名录 / write a sample register of invented enterprises
    Generate(GenerateArgs),
    /// 输出 OpenAPI 文档 / print the OpenAPI document
    Api {
        /// 多个城市之上的接口 / that of what leads to several cities
        #[arg(long)]
        cities: bool,
    },
}

/// Which data.
#[derive(Debug, clap::Args)]
pub(super) struct DataArgs {
    /// 数据文件夹 / dataset folder [default: geodata/hangzhou where it exists, else the copy inside the program]
    #[arg(long, env = "SHIGU_GEODATA", value_name = "DIR")]
    geodata: Option<PathBuf>,
    /// 单个数据文件的上限 / largest data file that is read, in MB
    #[arg(long, env = "SHIGU_MAX_FILE_MB", value_name = "MB", default_value_t = 2000)]
    max_file_mb: u64,
    /// 运行数据文件夹 / folder for what the service itself keeps (versions of the register, short links); its current version is what is read; created when missing
    #[arg(long, env = "SHIGU_DATA_DIR", value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Where what the service itself keeps is recorded.
#[derive(Debug, clap::Args)]
pub(super) struct DatabaseArgs {
    /// 多个服务共用的 PostgreSQL 数据库,代替运行数据文件夹中的数据库文件 / PostgreSQL database that several copies share, instead of the file in the data folder
    #[arg(
        long,
        env = "SHIGU_DATABASE",
        value_name = "postgres://USER@HOST/DATABASE",
        hide_env_values = true,
        requires = "data_dir"
    )]
    database: Option<String>,
    #[command(flatten)]
    objects: objects::ObjectsArgs,
}

impl DatabaseArgs {
    /// A data folder with its database and its object store.
    pub(super) fn of(&self, folder: &Path) -> Result<DataFolder, String> {
        let objects = self.objects.open()?;
        let folder = DataFolder::new(folder, self.database.as_deref()).map_err(|e| super::both(&e.text()))?;
        Ok(folder.with_objects(objects))
    }

    /// The data folders of several cities.
    pub(super) fn of_cities(&self, folder: &Path, aggregates: AggregatesOf) -> Result<CityFolders, String> {
        let objects = self.objects.open()?;
        CityFolders::new(folder, self.database.as_deref(), objects, aggregates).map_err(|e| super::both(&e.text()))
    }
}

/// Which of the tables that statistics are made of.
#[derive(Debug, clap::Args)]
pub(super) struct TableArgs {
    /// 统计表(集合的 id)/ table, by the id of its collection [default: the main one]
    #[arg(long, value_name = "ID")]
    pub(super) table: Option<String>,
}

impl TableArgs {
    /// The snapshot of a dataset for the table.
    pub(super) fn snapshot(&self, dataset: Dataset) -> Result<Snapshot, String> {
        let snapshot = Snapshot::new(dataset);
        let Some(id) = &self.table else { return Ok(snapshot) };
        snapshot.table(id).ok_or_else(|| {
            let known = snapshot.describe().tables.iter().map(|t| t.id.as_str()).collect::<Vec<_>>().join(", ");
            format!("没有统计表 {id},现有:{known} / there is no table {id}; known: {known}")
        })
    }
}

impl DataArgs {
    /// The folder requested, else `geodata/hangzhou` below the working directory, else the embedded copy.
    pub(super) fn source(&self) -> Source {
        let usual = PathBuf::from("geodata/hangzhou");
        match &self.geodata {
            Some(folder) => Source::Folder(folder.clone()),
            None if usual.join("dataset.json").is_file() => Source::Folder(usual),
            None => Source::Embedded,
        }
    }

    /// The current version of the data folder, where one is named and has one; else [`Self::source`].
    pub(super) fn current(&self) -> Result<Source, String> {
        let Some(folder) = self.folder()? else { return Ok(self.source()) };
        let found = current_source(&folder, &self.source());
        found.map_err(|e| super::both(&e.text()))
    }

    /// The data folder, where one is named.
    pub(super) fn folder(&self) -> Result<Option<DataFolder>, String> {
        self.data_dir.as_deref().map(|folder| self.database.of(folder)).transpose()
    }

    /// The data folders of several cities, where something is kept.
    pub(super) fn folders(&self, aggregates: AggregatesOf) -> Result<Option<CityFolders>, String> {
        self.data_dir.as_deref().map(|folder| self.database.of_cities(folder, aggregates)).transpose()
    }

    pub(super) fn limits(&self) -> Limits {
        Limits { file_bytes: self.max_file_mb.saturating_mul(1_000_000), ..Limits::default() }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) cities: CitiesArgs,
    /// 监听地址 / address and port to listen on
    #[arg(long, env = "SHIGU_LISTEN", value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// 保留内容的版本数 / versions that keep their content; the current one, and those that were gone back to, always do
    #[arg(long, env = "SHIGU_KEEP_VERSIONS", value_name = "N", default_value_t = KEPT)]
    pub(super) keep_versions: usize,
    /// 短链接无人使用多少天后删除 / days after which a short link that nobody uses is removed
    #[arg(long, env = "SHIGU_KEEP_LINKS", value_name = "DAYS", default_value_t = LINK_DAYS)]
    pub(super) keep_links: u32,
    /// 每位读者每天可提出的不同的保密统计问题数(圈选或带条件),0 为不限 / different questions a reader may ask in a day whose sums are protected (drawn areas, conditions); 0 for any number
    #[arg(long, env = "SHIGU_PROTECTED_QUESTIONS", value_name = "N", default_value_t = PROTECTED_QUESTIONS)]
    pub(super) protected_questions: u32,
    /// 对外网址 / address under which readers see the service, e.g. behind a proxy
    #[arg(long, env = "SHIGU_PUBLIC_URL", value_name = "URL")]
    pub(super) public_url: Option<String>,
    /// 服务的其他名称(Host),以逗号分隔 / further host names of the service, separated by commas [default: this machine's and that of --public-url]
    #[arg(long, env = "SHIGU_HOST_NAMES", value_name = "NAMES")]
    pub(super) host_names: Option<String>,
    /// 可读取本服务的其他网站,以逗号分隔;按匿名者对待 / origins whose pages may read, as somebody without an account, separated by commas [default: none]
    #[arg(long, env = "SHIGU_ALLOW_ORIGIN", value_name = "ORIGINS")]
    pub(super) allow_origin: Option<String>,
    /// 本机使用者能否看到单条记录的受限数据 / whether who sits at this machine is the owner and sees restricted figures of single rows [default: full on loopback without --public-url, else aggregates]
    #[arg(long, env = "SHIGU_DISCLOSE", value_enum)]
    pub(super) disclose: Option<Disclose>,
    /// 启用帐户:更改数据须登录;需要 --data-dir / accounts: who changes data logs in; needs --data-dir
    #[arg(long, env = "SHIGU_ACCOUNTS", requires = "data_dir", conflicts_with = "disclose")]
    pub(super) accounts: bool,
    /// 两人复核:谁提出的修改(导入或页面上的修改)须由另一人发布 / two persons: another than who sent a file, or edited on the page, publishes it
    #[arg(long, env = "SHIGU_TWO_PERSONS", requires = "accounts")]
    pub(super) two_persons: bool,
    /// 本机代理用来告知帐户名的请求头;代理须删去读者自带的同名头 / header in which a proxy on this machine names the account; the proxy must drop it from what readers send
    #[arg(long, env = "SHIGU_TRUSTED_PROXY_HEADER", value_name = "NAME", requires = "accounts")]
    pub(super) trusted_proxy_header: Option<String>,
    /// 统一身份认证(OpenID Connect)的签发者网址;需要 --accounts 与 --public-url / issuer of the identity provider by which readers can log in (OpenID Connect); needs --accounts and --public-url
    #[arg(long, env = "SHIGU_OIDC_ISSUER", value_name = "URL", requires_all = ["accounts", "public_url", "oidc_client_id"])]
    pub(super) oidc_issuer: Option<String>,
    /// 在统一身份认证登记的客户端;回调网址为 PUBLIC_URL/session/oidc/callback / the client registered there; its redirect URI is PUBLIC_URL/session/oidc/callback
    #[arg(long, env = "SHIGU_OIDC_CLIENT_ID", value_name = "ID", requires = "oidc_issuer")]
    pub(super) oidc_client_id: Option<String>,
    /// 存放客户端密钥的文件;公开客户端不用 / file with the client's secret; none for a public client
    #[arg(long, env = "SHIGU_OIDC_CLIENT_SECRET_FILE", value_name = "FILE", requires = "oidc_issuer")]
    pub(super) oidc_client_secret_file: Option<PathBuf>,
    /// 签发者所用的证书(PEM),代替本机信任的证书 / certificates (PEM) to trust the provider by, instead of this computer's
    #[arg(long, env = "SHIGU_OIDC_CA", value_name = "FILE", requires = "oidc_issuer")]
    pub(super) oidc_ca: Option<PathBuf>,
    /// 身份令牌中作为帐户名的声明 / claim of the ID token that is the name of the account
    #[arg(long, env = "SHIGU_OIDC_CLAIM", value_name = "CLAIM", default_value = NAME_CLAIM, requires = "oidc_issuer")]
    pub(super) oidc_claim: String,
    /// 登录按钮上的名称 / what the button of the login calls it
    #[arg(
        long,
        env = "SHIGU_OIDC_TITLE",
        value_name = "NAME",
        default_value = "统一身份认证",
        requires = "oidc_issuer"
    )]
    pub(super) oidc_title: String,
    /// 其他电脑上的代理的地址,不受每个地址连接数的限制 / addresses of proxies on other machines, which may have more connections than one reader may
    #[arg(long, env = "SHIGU_PROXIES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub(super) proxies: Vec<IpAddr>,
    /// 以 PROXY 协议(v1、v2)转来连接的代理所在的地址或网段;来自它们的连接必须以该协议的头开始 / addresses or networks of proxies that pass connections on by the PROXY protocol (v1, v2); each connection from there has to begin with its header
    #[arg(long, env = "SHIGU_PROXY_PROTOCOL", value_name = "NETWORKS", value_delimiter = ',', value_parser = proxy_network)]
    pub(super) proxy_protocol: Vec<IpNet>,
    /// 允许匿名访问:其他电脑,或启用帐户时未登录者 / let other computers, or with accounts who has not logged in, read without an account
    #[arg(long, env = "SHIGU_ALLOW_ANONYMOUS")]
    pub(super) allow_anonymous: bool,
    /// 中文字体文件 / font file or folder for PNG maps [default: a Chinese font of this computer]
    #[arg(long, env = "SHIGU_FONT", value_name = "FILE")]
    pub(super) font: Option<PathBuf>,
    /// 底图:瓦片网址(XYZ、WMTS)、tianditu:vec(img、ter)或 .pmtiles 文件;网址中的密钥读者可见 / base map: tile address (XYZ, WMTS), tianditu:vec (img, ter) or a .pmtiles file; readers see a key that the address holds [default: basemap.pmtiles in --data-dir or beside this program, where it is]
    #[arg(long, env = "SHIGU_BASEMAP", value_name = "URL|FILE")]
    pub(super) basemap: Option<String>,
    /// 天地图的密钥 / key of tianditu; readers see it
    #[arg(long, env = "SHIGU_BASEMAP_KEY", value_name = "KEY", requires = "basemap")]
    pub(super) basemap_key: Option<String>,
    /// 底图来源 / who made the base map [default: what the file says]
    #[arg(long, env = "SHIGU_BASEMAP_ATTRIBUTION", value_name = "TEXT")]
    pub(super) basemap_attribution: Option<String>,
    /// 底图审图号 / approval number of the base map
    #[arg(long, env = "SHIGU_BASEMAP_APPROVAL", value_name = "TEXT")]
    pub(super) basemap_approval: Option<String>,
    /// 可嵌入本页的网站 / origins of pages that may show this one in a frame, separated by commas [default: our own]
    #[arg(long, env = "SHIGU_EMBED_ORIGINS", value_name = "ORIGINS")]
    pub(super) embed_origins: Option<String>,
    #[command(flatten)]
    pub(super) programs: ProgramArgs,
    #[command(flatten)]
    pub(super) operating: OperatingArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Disclose {
    /// Everything.
    Full,
    /// Only sums over enough rows.
    Aggregates,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// 要新建的文件夹;不存在或为空 / folder to make; must not exist, or be empty
    pub(super) folder: PathBuf,
    /// 边界文件 / boundaries: geojson, shapefile in a zip, kml, kmz, gpkg, fgb, parquet
    #[arg(long, value_name = "FILE")]
    pub(super) boundaries: PathBuf,
    /// 边界文件的图层 / layer of the boundaries [default: the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) layer: Option<String>,
    #[command(flatten)]
    pub(super) tables: TablesArgs,
    /// 名称;“中文 / English”给出两种语言 / title; `中文 / English` gives one for each language
    #[arg(long)]
    pub(super) title: Option<String>,
    /// 标识 / identifier: lower-case letters, digits and -
    #[arg(long)]
    pub(super) id: Option<String>,
    /// 一个区域叫什么 / what one of the areas is called, such as `县 / county`
    #[arg(long, value_name = "WORD")]
    pub(super) zone_word: Option<String>,
    /// 边界的坐标系 / system of the boundaries: wgs84, gcj02, bd09, epsg:N
    #[arg(long, value_name = "CRS")]
    pub(super) boundaries_crs: Option<String>,
    /// 边界文件中编号所在的列;空为按顺序编号 / column of the boundaries' ids; empty to number them
    #[arg(long, value_name = "COLUMN")]
    pub(super) zone_id: Option<String>,
    /// 边界文件中名称所在的列 / column of the boundaries' names
    #[arg(long, value_name = "COLUMN")]
    pub(super) zone_name: Option<String>,
    /// 边界的来源 / where the boundaries come from
    #[arg(long, value_name = "TEXT")]
    pub(super) source: Option<String>,
    /// 边界的许可 / licence of the boundaries
    #[arg(long, value_name = "TEXT")]
    pub(super) licence: Option<String>,
    /// 单条记录的数值人人可见 / whether every reader may see the figures of a single row [default: only sums leave]
    #[arg(long)]
    pub(super) open: bool,
    /// 不提问,采用默认值并列出 / ask nothing: take the defaults, and list them
    #[arg(long)]
    pub(super) yes: bool,
    /// 语言 / language of questions and reports
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(super) lang: LangArg,
}

#[derive(Debug, clap::Args)]
pub(super) struct DescribeArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// 数据文件夹 / dataset folder, like --geodata
    pub(super) folder: Option<PathBuf>,
    /// 语言 / language
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(super) lang: LangArg,
    /// 输出格式 / form, `json` for machines
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: ReportForm,
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// 数据文件夹 / dataset folder, like --geodata
    pub(super) folder: Option<PathBuf>,
    /// 语言 / language of the findings
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(super) lang: LangArg,
    /// 以 JSON 输出 / print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// 输出格式 / form of the report, `json` for machines
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: ReportForm,
    /// 修复几何并写到新文件夹 / write the folder with its geometry repaired to a new folder, and check that
    #[arg(long, value_name = "OUT")]
    pub(super) repair: Option<PathBuf>,
}

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportForm {
    /// For people.
    Text,
    /// For machines.
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LangArg {
    /// 中文
    Zh,
    /// English
    En,
}

impl From<LangArg> for crate::core::model::Lang {
    fn from(lang: LangArg) -> Self {
        match lang {
            LangArg::Zh => Self::Zh,
            LangArg::En => Self::En,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) of: TableArgs,
    /// 部门的表格 / table: xlsx, xls, ods, csv, tsv, geojson, geojsonl, kml, kmz, gpkg, fgb, parquet, zip
    pub(super) file: PathBuf,
    /// 只检查,不写出 / only say what would change
    #[arg(long)]
    pub(super) dry_run: bool,
    /// 新的数据文件夹(或 .geojson 文件)/ dataset folder to write, or a .geojson file for the register alone; must not exist
    #[arg(long, value_name = "DIR", required_unless_present_any = ["dry_run", "data_dir"])]
    pub(super) out: Option<PathBuf>,
    /// 版本备注 / remark on the version that is made (with --data-dir)
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) note: String,
    /// 保留内容的版本数 / versions that keep their content
    #[arg(long, env = "SHIGU_KEEP_VERSIONS", value_name = "N", default_value_t = KEPT)]
    pub(super) keep_versions: usize,
    /// 问题行写成 Excel / workbook for the rows to mend, each with its reason
    #[arg(long, value_name = "FILE.xlsx")]
    pub(super) faults: Option<PathBuf>,
    /// 坐标系 / system of the positions: wgs84, cgcs2000, gcj02, bd09, epsg:N (zones of CGCS2000, UTM, 3857) [default: what the file says, or recognised from the zones]
    #[arg(long, value_name = "CRS")]
    pub(super) crs: Option<String>,
    /// 工作表 / worksheet [default: the one whose head is known best]
    #[arg(long, value_name = "NAME")]
    pub(super) sheet: Option<String>,
    /// 指定列对应的属性 / property of a column, by its name or letter; empty to leave it out; may be given several times
    #[arg(long = "map", value_name = "COLUMN=PROPERTY")]
    pub(super) columns: Vec<String>,
    /// 指定原值对应的代码 / code of a word in the table; may be given several times
    #[arg(long = "value", value_name = "WORD=CODE")]
    pub(super) values: Vec<String>,
    /// 表中没有的记录 / what becomes of rows that the table does not name, in the zones that it covers
    #[arg(long, value_enum, default_value = "keep")]
    pub(super) absent: AbsentArg,
    /// 长表(每行一个时期)是否按时期归并 / whether a table with a row for each period is folded
    #[arg(long, value_name = "true|false")]
    pub(super) fold_periods: Option<bool>,
    /// 语言 / language of the report
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(super) lang: LangArg,
    /// 以 JSON 输出 / print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum AbsentArg {
    /// They stay.
    Keep,
    /// They go.
    Remove,
}

#[derive(Debug, clap::Args)]
pub(super) struct TemplateArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) of: TableArgs,
    /// 输出文件 / file to write
    #[arg(short, long, value_name = "FILE.xlsx")]
    pub(super) out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) of: TableArgs,
    /// 区域编号,可用逗号分开多个,city 为全部 / zone ids, separated by commas; city for the whole
    #[arg(long, value_delimiter = ',', default_value = "city")]
    pub(super) zone: Vec<String>,
    /// 每个区域各一份(role 为 districts 的集合) / one for every zone of the collection with role districts
    #[arg(long, conflicts_with = "zone")]
    pub(super) all_districts: bool,
    /// 某一类区域各一份,如 street / one for every zone of a kind
    #[arg(long, conflicts_with_all = ["zone", "all_districts"])]
    pub(super) kind: Option<String>,
    /// 文件格式,可用逗号分开多个 / file formats, separated by commas
    #[arg(long, visible_alias = "format", value_enum, value_delimiter = ',', default_value = "xlsx")]
    pub(super) formats: Vec<Format>,
    /// 输出文件,多份时为文件夹 / file to write, - for standard output; a folder where there are several
    #[arg(long, value_name = "FILE|DIR")]
    pub(super) out: Option<PathBuf>,
    /// 导出整个数据集(含已编辑的名录与图层)为新的数据文件夹 / write the whole dataset, edited tables and layers included, as a new dataset folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["zone", "all_districts", "kind", "formats", "out", "period", "filters", "table"])]
    pub(super) folder: Option<PathBuf>,
    /// 哪个版本(0 为数据文件夹原样),与 --folder 合用 / version of the data folder, 0 for the dataset folder as it is [default: the current one]
    #[arg(long, value_name = "N", requires_all = ["folder", "data_dir"])]
    pub(super) version: Option<u64>,
    /// 时期 / period of the figures: 2025, 2025Q3 or 2025-03 [default: the latest]
    #[arg(long, visible_alias = "year")]
    pub(super) period: Option<Period>,
    /// 条件 / condition on a property of the register; may be given several times
    #[arg(long = "filter", value_name = "PROPERTY=VALUE")]
    pub(super) filters: Vec<String>,
    #[command(flatten)]
    pub(super) classes: ClassArgs,
    /// 语言 / language of the file
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(super) lang: LangArg,
    /// 中文字体文件 / font file or folder for DOCX, PDF and PNG [default: a Chinese font of this computer]
    #[arg(long, env = "SHIGU_FONT", value_name = "FILE")]
    pub(super) font: Option<PathBuf>,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let title = self.title();
        Some(PossibleValue::new(self.extension()).help(format!("{} / {}", title.zh, title.en)))
    }
}

/// 分类怎样读 / how classes are read
#[derive(Clone, Debug, Default, clap::Args)]
#[allow(clippy::struct_field_names, reason = "the names of options")]
pub(super) struct ClassArgs {
    /// 分类的层级:id 或自上而下的序号 / level of the classes: its id, or its number from 1 at the top
    #[arg(long, value_name = "LEVEL")]
    class_level: Option<String>,
    /// 只看某一类的下级 / code or name of a class: its parts only
    #[arg(long, value_name = "CLASS")]
    class_parent: Option<String>,
    /// 分类的版本 / version of the classification
    #[arg(long, value_name = "VERSION")]
    class_version: Option<String>,
}

impl ClassArgs {
    /// The reading that they ask for.
    pub(super) fn spec(&self) -> ClassSpec {
        let Self { class_level, class_parent, class_version } = self.clone();
        ClassSpec { level: class_level, parent: class_parent, version: class_version }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct MapArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) of: TableArgs,
    /// 区域编号,city 为全部 / zone id; city for the whole
    #[arg(long, default_value = "city")]
    pub(super) zone: String,
    /// 范围 / box in degrees [default: the zone]
    #[arg(long, value_name = "WEST,SOUTH,EAST,NORTH", allow_hyphen_values = true)]
    pub(super) bbox: Option<String>,
    /// 宽 / width in pixels [default: 1200, or as the height wants it]
    #[arg(long)]
    pub(super) width: Option<u32>,
    /// 高 / height in pixels [default: true to scale]
    #[arg(long)]
    pub(super) height: Option<u32>,
    /// 时期 / period of the figures: 2025, 2025Q3 or 2025-03 [default: the latest]
    #[arg(long, visible_alias = "year")]
    pub(super) period: Option<Period>,
    /// 条件 / condition on a property of the register; may be given several times
    #[arg(long = "filter", value_name = "PROPERTY=VALUE")]
    pub(super) filters: Vec<String>,
    #[command(flatten)]
    pub(super) classes: ClassArgs,
    /// 语言 / language of the map
    #[arg(long, env = "SHIGU_LANG", value_enum, default_value = "zh")]
    pub(super) lang: LangArg,
    /// 只要地图,不要标题、图例、比例尺 / the map alone, without title, legend and scale bar
    #[arg(long)]
    pub(super) bare: bool,
    /// 中文字体文件 / font file or folder for PNG [default: a Chinese font of this computer]
    #[arg(long, env = "SHIGU_FONT", value_name = "FILE")]
    pub(super) font: Option<PathBuf>,
    /// 绘制程序 / what paints the PNG
    #[arg(long, value_enum, default_value = "resvg")]
    pub(super) renderer: RendererArg,
    #[command(flatten)]
    pub(super) programs: ProgramArgs,
    /// 输出文件 / file to write: .svg or .png
    #[arg(short, long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// What paints a PNG.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum RendererArg {
    /// 内置 / built in
    Resvg,
    /// 另行安装的 maplibre-rs 绘制程序 / maplibre-rs, a program of its own, where it's installed
    MaplibreRs,
}

/// Programs that do a part of the work where they are installed.
#[derive(Debug, clap::Args)]
pub(super) struct ProgramArgs {
    /// maplibre-rs 绘制程序 / the program that draws with maplibre-rs [default: shigu-maplibre-rs next to this program or on PATH]
    #[arg(long, env = "SHIGU_MAPLIBRE_RS", value_name = "FILE")]
    pub(super) maplibre_rs: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct BasemapArgs {
    /// OpenStreetMap 数据(.osm.pbf),或 图层=文件:earth、landuse、water、buildings、roads、boundaries、places / an extract of OpenStreetMap (.osm.pbf), or LAYER=FILE in any format that an import reads
    #[arg(required = true, value_name = "FILE|LAYER=FILE")]
    pub(super) sources: Vec<String>,
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// 范围:西,南,东,北(度) / box: west,south,east,north in degrees [default: that of the dataset, and --margin-km around it]
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub(super) bbox: Option<String>,
    /// 数据范围四周另加多少公里 / ground around the dataset, in km
    #[arg(long, value_name = "KM", default_value_t = 10.0, value_parser = margin)]
    pub(super) margin_km: f64,
    /// 最大级别;更近时放大显示 / deepest zoom; maps enlarge it beyond
    #[arg(long, value_name = "Z", default_value_t = 14, value_parser = clap::value_parser!(u8).range(0..=16))]
    pub(super) max_zoom: u8,
    /// 也画行政界线;公开使用前须核对审图要求 / boundaries of administrative areas, too: a published map may need an approval for them
    #[arg(long)]
    pub(super) boundaries: bool,
    /// 没有写明坐标系的文件的坐标系 / system of files that name none: wgs84, gcj02, bd09, epsg:N
    #[arg(long, value_name = "CRS")]
    pub(super) crs: Option<String>,
    /// 底图来源 / who made the data [default: OpenStreetMap contributors, or the files' names]
    #[arg(long, value_name = "TEXT")]
    pub(super) attribution: Option<String>,
    /// 输出文件 / file to write: .pmtiles
    #[arg(short, long, value_name = "FILE", default_value = "basemap.pmtiles")]
    pub(super) out: PathBuf,
}

/// A network, or an address alone.
fn proxy_network(text: &str) -> Result<IpNet, String> {
    let said = || format!("不是地址或网段(如 10.0.0.9 或 10.0.0.0/24)/ no address or network: {text}");
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| said())
}

fn margin(text: &str) -> Result<f64, String> {
    let km: f64 = text.parse().map_err(|_| "不是数 / not a number".to_owned())?;
    if (0.0..=1000.0).contains(&km) { Ok(km) } else { Err("应为 0 至 1000 / from 0 to 1000".to_owned()) }
}

#[derive(Debug, clap::Args)]
pub(super) struct GenerateArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// 记录数 / number of rows
    #[arg(long, default_value_t = 5000)]
    pub(super) count: u64,
    /// 随机种子 / the same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// 输出文件 / file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}
