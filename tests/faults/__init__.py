"""The fault contract, row by row: the whole product, asked by its public functions, against real servers."""
