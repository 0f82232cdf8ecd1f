"""What the product costs, as ratios to a straight-line script in the same run (`make bench`).

corpus     deterministic records of about 1.2 KB        endpoint   serves them over OAI-PMH, in its own process
floor      fetch, parse, validate, hash, upsert          product    the same work through the real services
guarding   what the child and its limits cost             walking  what the provider's walk costs
meter      CPU and memory of all processes concerned     report     the table, the plot, what is kept
"""
