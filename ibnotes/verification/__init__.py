"""The check that every theorem goes through, its record, the ledger made from the records."""
