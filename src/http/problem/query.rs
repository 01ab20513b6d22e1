//! What is wrong with a question: its parameters, its body, its filter, its area.

use super::{Place, Problem};
use crate::core::filter::{self, FilterError, Mismatch, Syntax};
use crate::core::geometry::overlay::OverlayError;
use crate::core::query::{AreaError, QueryError, QuestionError};
use axum::http::StatusCode;

impl From<QueryError> for Problem {
    fn from(e: QueryError) -> Self {
        match e {
            QueryError::NoRegister => Self::not_found(
                "此数据集没有名录,无法统计。请在 dataset.json 中声明 role 为 register 的集合。",
                "This dataset has no register; declare a collection with role register in dataset.json.",
            ),
            QueryError::UnknownZone(id) => Self::not_found(
                format!("没有编号为 {id} 的区域,全部区域见 /zones。"),
                format!("There is no zone {id}; /zones lists them."),
            ),
            QueryError::OutOfScope(id) => Self::new(
                StatusCode::FORBIDDEN,
                "out-of-scope",
                format!("区域 {id} 不在您的权限范围内;可查看的区域见 /zones,需要更多请联系管理员。"),
                format!(
                    "The zone {id} is not in your zones; /zones lists those that are. Ask the administrator for more."
                ),
            ),
            QueryError::UnknownPeriod { period, known } => Self::parameter(
                if period.whole_year().is_some() { "year" } else { "period" },
                &format!("没有 {period} 的数据,可选 {known}"),
                &format!("there are no figures for {period}; known: {known}"),
            ),
            QueryError::Classes(fault) => Self::parameter(
                fault.parameter,
                &format!("值“{}”不可用,可选 {}", fault.value, fault.known.zh),
                &format!("{:?} is not one of {}", fault.value, fault.known.en),
            ),
            QueryError::UnknownCollection { id, known } => Self::not_found(
                format!("没有集合 {id},现有:{known}。"),
                format!("There is no collection {id}; known: {known}."),
            ),
            QueryError::UnknownFeature { collection, id } => Self::not_found(
                format!("集合 {collection} 中没有编号为 {id} 的要素;可查 /collections/{collection}/items。"),
                format!("There is no feature {id} in {collection}; /collections/{collection}/items lists them."),
            ),
            QueryError::UnknownKind { id, known } => {
                let all = known.replace(", ", " | ");
                Self::parameter("kind", &format!("值“{id}”不可用,可选 {all}"), &format!("{id:?} is not one of {all}"))
            }
            QueryError::Quotients { parameter, why } => Self::parameter(parameter, &why.zh, &why.en),
            QueryError::Choropleth(why) => Self::parameter("choropleth", &why.zh, &why.en),
            QueryError::Since(why) => Self::parameter("since", &why.zh, &why.en),
            QueryError::Trial { member, why } | QueryError::Sites { member, why } => {
                Self::parameter(&member, &why.zh, &why.en)
            }
            QueryError::MovesRows => Self::new(
                StatusCode::FORBIDDEN,
                "moves-rows",
                "移动名录中的单位需要查看逐行数据的权限;可改为新增假设单位,或联系管理员。",
                "Moving rows of the register needs the permission to see them; add assumed rows instead, or ask the administrator.",
            ),
            QueryError::Condition(e) => e.into(),
            QueryError::Filter(e) => Self::filter(e, Some("filter")),
            QueryError::Sort(e) => Self::filter(e, Some("sortby")),
            QueryError::Area(e) => e.into(),
        }
    }
}

impl From<QuestionError> for Problem {
    fn from(e: QuestionError) -> Self {
        match e {
            QuestionError::Json { line, column, why } => Self::new(
                StatusCode::BAD_REQUEST,
                "bad-body",
                format!("请求内容第 {line} 行第 {column} 列有误:{why}"),
                format!("The body is wrong at line {line}, column {column}: {why}"),
            ),
            QuestionError::Parameter { name, why } => Self::parameter(&name, &why.zh, &why.en),
            QuestionError::Geometry { name, why } => {
                Self::nonsense(format!("几何 {name}:{}。", why.zh), format!("The geometry {name}: {}.", why.en))
            }
            QuestionError::FilterForm => Self::new(
                StatusCode::BAD_REQUEST,
                "bad-body",
                "filter 应为 CQL2 文字、CQL2 JSON(含 op)或“属性: 值”对象。",
                "filter must be CQL2 text, CQL2 JSON (with op), or an object property: value.",
            ),
            QuestionError::Filter(syntax) => Self::filter((*syntax).into(), Some("filter")),
        }
    }
}

impl From<FilterError> for Problem {
    fn from(e: FilterError) -> Self {
        Self::filter(e, None)
    }
}

impl Problem {
    /// What is wrong with a condition: the parameter is the property itself, or the one that holds the expression.
    pub(crate) fn filter(e: FilterError, parameter: Option<&str>) -> Self {
        let of = |name: &str| match parameter {
            Some(p) => (p.to_owned(), format!("{name}:"), format!("{name}: ")),
            None => (name.to_owned(), String::new(), String::new()),
        };
        let holder = parameter.unwrap_or("filter");
        match e {
            FilterError::Syntax(syntax) => {
                let Syntax { place, found, expected } = *syntax;
                let at = if let filter::Place::Character(at) = place { Some(Place::Character(at)) } else { None };
                let place = place.words();
                let end = ("结尾", "the end");
                let (zh, en) = if found.is_empty() { end } else { (found.as_str(), found.as_str()) };
                let problem = Self::parameter(
                    holder,
                    &format!("{}:此处为 {zh},应为 {}", place.zh, expected.zh),
                    &format!("{}: {en} where {} is expected", place.en, expected.en),
                );
                Self { place: at, ..problem }
            }
            FilterError::UnknownProperty { name, known } => {
                let (parameter, zh, en) = of(&name);
                Self::parameter(
                    &parameter,
                    &format!("{zh}没有这个参数或属性,可用属性:{known}"),
                    &format!("{en}no such parameter or property; properties: {known}"),
                )
            }
            FilterError::BadValue { name, value, expected } => {
                let (parameter, zh, en) = of(&name);
                Self::parameter(
                    &parameter,
                    &format!("{zh}值“{value}”不可用,应为 {expected}"),
                    &format!("{en}{value:?} is not {expected}"),
                )
            }
            FilterError::Type(mismatch) => {
                let Mismatch { part, found, expected } = *mismatch;
                Self::parameter(
                    holder,
                    &format!("{part}:是{},应为{}", found.zh, expected.zh),
                    &format!("{part}: {} where {} is expected", found.en, expected.en),
                )
            }
            FilterError::UnknownFunction { name } => Self::parameter(
                holder,
                &format!("没有函数 {name},可用 CASEI、ACCENTI 与 S_、T_、A_ 谓词"),
                &format!("there is no function {name}; there are CASEI, ACCENTI and the S_, T_ and A_ predicates"),
            ),
            FilterError::Restricted { name } => Self::new(
                StatusCode::FORBIDDEN,
                "restricted",
                format!("属性 {name} 只以合计形式提供,不能用于逐条筛选。"),
                format!("Property {name} leaves the server only inside sums; it can't be used as a filter."),
            ),
        }
    }
}

impl From<AreaError> for Problem {
    fn from(e: AreaError) -> Self {
        match e {
            AreaError::OffEarth(x, y) => Self::nonsense(
                format!("坐标 {x}, {y} 超出范围,应为经度 -180..180、纬度 -90..90。"),
                format!("Position {x}, {y} is not on Earth; longitude -180..180, latitude -90..90."),
            ),
            AreaError::TooManyVertices { found, limit } => Self::nonsense(
                format!("边界有 {found} 个顶点,最多 {limit} 个,请先简化。"),
                format!("The outline has {found} vertices, at most {limit}; simplify it first."),
            ),
            AreaError::Overlay(OverlayError::Crossings { found, limit }) => Self::nonsense(
                format!("边界相交已数到 {found} 处,最多 {limit} 处,未作计算;请先简化边界或减少步骤。"),
                format!(
                    "The outlines cross at least {found} times, at most {limit}; simplify them or take fewer steps."
                ),
            ),
            AreaError::Overlay(OverlayError::Edges { edges }) => Self::nonsense(
                format!("边界的 {edges} 条边过于密集,未作计算;请先简化边界或减少步骤。"),
                format!("The {edges} edges of the outlines lie too close together; simplify them or take fewer steps."),
            ),
            AreaError::NoArea => Self::nonsense("边界没有面积。", "The outline has no area."),
            AreaError::Invalid(fault) => {
                let ((at_zh, at_en), (_, zh, en)) = (fault.at.words(), fault.kind.words());
                let near = fault.near.map_or(String::new(), |c| format!(" ({:.6}, {:.6})", c.x, c.y));
                let problem = Self::nonsense(
                    format!("边界{at_zh}{zh}{near}。请修正,或加 \"repair\": true 按奇偶规则处理。"),
                    format!(
                        "The outline, {at_en}, {en}{near}. Correct it, or add \"repair\": true to take it by the even-odd rule."
                    ),
                );
                Self { place: fault.near.map(|c| Place::Position([c.x, c.y])), ..problem }
            }
            AreaError::Distance(d) => Self::nonsense(
                format!("距离 {d} 米不可用,应为 1 到 500000 米。"),
                format!("Distance {d} m; it must be from 1 to 500000 m."),
            ),
            AreaError::Nowhere(id) => Self::nonsense(
                format!("要素 {id} 没有位置,其周围没有范围;请先补上坐标。"),
                format!("The feature {id} has no position, so that nothing is near it; give it coordinates first."),
            ),
            AreaError::Neighbours(k) => Self::nonsense(
                format!("最近 {k} 条不可用,应为 1 到 10000。"),
                format!("The nearest {k}; it must be from 1 to 10000."),
            ),
            AreaError::Radius(r) => Self::nonsense(
                format!("半径 {r} 米不可用,应为 1 到 500000 米。"),
                format!("Radius {r} m; it must be from 1 to 500000 m."),
            ),
        }
    }
}
