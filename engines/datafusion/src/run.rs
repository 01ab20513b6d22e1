//! The question as one plan: the files one below the other, grouped, ordered, and cut off.

use crate::filter::condition;
use crate::protocol::{By, EngineFigure, EngineFile, EngineGroup, EngineQuestion, Line, Statistic};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::common::{Column, Result, exec_err};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::functions_aggregate::expr_fn::{count, percentile_cont, sum};
use datafusion::logical_expr::SortExpr;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{DataFrame, Expr, ParquetReadOptions, SessionConfig, SessionContext, cast, lit};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;

/// How often it is said how far it is; where nobody hears it any more the program ends.
const LOOK: Duration = Duration::from_millis(100);
/// Digits of sums.
const DIGITS: u8 = 38;

/// Answers a question.
pub async fn answer(question: &EngineQuestion, say: &(dyn Fn(&Line) + Sync)) -> Result<()> {
    let context = context(question)?;
    let mut parts = Vec::new();
    for file in &question.files {
        let part = part(&context, question, file).await;
        parts.push(part.map_err(|e| e.context(format!("the rows of the city {}", file.city)))?);
    }
    let Some(rows) = united(parts)? else {
        say(&Line::Done(0));
        return Ok(());
    };
    let all = grouped(question, rows)?;
    let tasks = Arc::new(all.task_ctx());
    let plan = all.create_physical_plan().await?;
    let mut batches = execute_stream(plan.clone(), tasks)?;
    let (mut look, mut groups) = (tokio::time::interval(LOOK), 0);
    loop {
        let batch = tokio::select! {
            batch = batches.next() => batch,
            _ = look.tick() => {
                say(&Line::Progress(read(&plan) as u64));
                continue;
            }
        };
        let Some(batch) = batch.transpose()? else { break };
        for row in 0..batch.num_rows() {
            say(&Line::Group(group(question, &batch, row)?));
        }
        groups += batch.num_rows();
    }
    say(&Line::Progress(read(&plan) as u64));
    say(&Line::Done(groups));
    Ok(())
}

/// Bounded by its memory; nothing of the rows is written to a disk.
fn context(question: &EngineQuestion) -> Result<SessionContext> {
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(question.memory)))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
        .build_arc()?;
    let config = SessionConfig::new().with_target_partitions(question.threads.max(1)).with_information_schema(false);
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// The name of the column of what rows are grouped by.
fn name(by: By) -> &'static str {
    match by {
        By::City => "city",
        By::Zone => "zone",
        By::Class => "class",
    }
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// The rows of a file that count, with what they are grouped by and the values of the figures.
async fn part(context: &SessionContext, question: &EngineQuestion, file: &EngineFile) -> Result<DataFrame> {
    if file.columns.len() != question.figures.len() {
        return exec_err!("it has not a column for each figure");
    }
    let mut rows = context.read_parquet(file.path.as_str(), ParquetReadOptions::default()).await?;
    if let Some(filter) = &file.filter {
        let filter = condition(filter, rows.schema())?;
        rows = rows.filter(filter)?;
    }
    if let Some(there) = &file.there {
        rows = rows.filter(column(there))?;
    }
    let key = |by: &By| {
        let named = |name: &Option<String>| name.as_deref().map_or_else(|| lit(""), column);
        let key = match by {
            By::City => lit(file.city.as_str()),
            By::Zone => named(&file.zone),
            By::Class => named(&file.class),
        };
        cast(key, DataType::Utf8).alias(name(*by))
    };
    let value = |(place, (figure, name)): (usize, (&EngineFigure, &String))| {
        let ty = if figure.of == Statistic::Sum {
            DataType::Decimal128(DIGITS, figure.decimals as i8)
        } else {
            DataType::Float64
        };
        cast(column(name), ty).alias(format!("f{place}"))
    };
    let keys = question.by.iter().map(key);
    let values = question.figures.iter().zip(&file.columns).enumerate().map(value);
    rows.select(keys.chain(values).chain([lit(1_i64).alias("one")]).collect::<Vec<_>>())
}

/// Parts one below the other: halves of halves, so that no plan is as deep as there are cities.
fn united(mut parts: Vec<DataFrame>) -> Result<Option<DataFrame>> {
    while parts.len() > 1 {
        let mut halves = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(part) = rest.next() {
            halves.push(match rest.next() {
                Some(other) => part.union(other)?,
                None => part,
            });
        }
        parts = halves;
    }
    Ok(parts.pop())
}

fn grouped(question: &EngineQuestion, rows: DataFrame) -> Result<DataFrame> {
    let keys: Vec<Expr> = question.by.iter().map(|by| column(name(*by))).collect();
    let mut worked = vec![count(column("one")).alias("rows")];
    for (place, figure) in question.figures.iter().enumerate() {
        let of = column(&format!("f{place}"));
        let part = |part: f64| percentile_cont(of.clone().sort(true, false), lit(part));
        let value = match figure.of {
            Statistic::Sum => sum(of.clone()),
            Statistic::Q1 => part(0.25),
            Statistic::Median => part(0.5),
            Statistic::Q3 => part(0.75),
        };
        worked.extend([count(of.clone()).alias(format!("n{place}")), value.alias(format!("v{place}"))]);
    }
    let by = question.order.filter(|place| *place < question.figures.len());
    let first = column(&by.map_or_else(|| "rows".to_owned(), |place| format!("v{place}")));
    // groups that are alike come in the order of what they are groups of
    let order: Vec<SortExpr> = std::iter::once(first.sort(!question.descending, false))
        .chain(keys.iter().map(|key| key.clone().sort(true, false)))
        .collect();
    rows.aggregate(keys, worked)?.sort(order)?.limit(0, Some(question.limit))
}

/// Rows that were read from files.
fn read(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let below = plan.children();
    if below.is_empty() {
        return plan.metrics().and_then(|metrics| metrics.output_rows()).unwrap_or(0);
    }
    below.into_iter().map(read).sum()
}

fn group(question: &EngineQuestion, batch: &RecordBatch, row: usize) -> Result<EngineGroup> {
    let named = |name: &str| match batch.column_by_name(name) {
        Some(column) => Ok(column),
        None => exec_err!("no column {name}"),
    };
    let whole = |name: &str| {
        let number = named(name)?.as_primitive::<Int64Type>().value(row);
        u64::try_from(number).or_else(|_| exec_err!("{number} rows"))
    };
    let key = |by: &By| {
        let column = named(name(*by))?.as_string::<i32>();
        Ok((!column.is_null(row)).then(|| column.value(row).to_owned()))
    };
    let figure = |place: usize| Ok((whole(&format!("n{place}"))?, text(named(&format!("v{place}"))?, row)));
    Ok(EngineGroup {
        of: question.by.iter().map(key).collect::<Result<_>>()?,
        rows: whole("rows")?,
        figures: (0..question.figures.len()).map(figure).collect::<Result<_>>()?,
    })
}

/// A number as text: of a sum all its digits.
fn text(column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        _ => column.as_primitive::<Float64Type>().value(row).to_string(),
    })
}
