"""Questions about one policy document, answered from it and nothing else.

The path, one module an arrow (`respond.py` alone knows the order):

    question --normalise--> Text --entities--> Mentions --query--> Query --answer--> Answer --render--> Reply

What it answers from is one `Knowledge`, read from YAML by `loading.py` and proven by `check.py`.
"""
