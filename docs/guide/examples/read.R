# Revenue by class of the rows under a condition: Rscript read.R [ADDRESS]. Base R only: the service writes CSV.
arguments <- commandArgs(trailingOnly = TRUE)
base <- if (length(arguments) > 0) arguments[1] else "http://127.0.0.1:8080"

# every row that matches, in one file: UTF-8 with a byte order mark, whatever the encoding of this computer
address <- paste0(base, "/collections/enterprises/items?f=csv&filter=", URLencode("revenue_2025 > 2000", reserved = TRUE))
lines <- readLines(address, encoding = "UTF-8")
lines[1] <- sub("^\ufeff", "", lines[1])
rows <- read.csv(text = lines, encoding = "UTF-8", check.names = FALSE)

by_class <- aggregate(revenue_2025 ~ cluster, data = rows, FUN = sum)
print(by_class[order(-by_class$revenue_2025), ], row.names = FALSE)
cat("rows", nrow(rows), "\n")
