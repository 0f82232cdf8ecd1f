"""Deliveries made here: files that a person hands in become a delivery in a folder source (``mulu import``).

    columns      which columns a table may have, and where their values go in a record
    sheets       rows of CSV and XLSX files, within limits; formulas are not evaluated
    documents    rows written as catalogue records, one a line: line 17 is row 17
    delivery     the folder of one delivery, whose manifest is written last

What is delivered is read like everything else: in the child, by the rules. Nothing here checks a record.
"""
