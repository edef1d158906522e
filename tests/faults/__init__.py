"""The fault contract, row by row: the whole product, asked through its public functions, against real servers."""
