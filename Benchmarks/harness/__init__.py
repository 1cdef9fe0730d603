"""What the benchmarks share: DuckDB beside the nodes, five nodes of the program, figures about both."""
