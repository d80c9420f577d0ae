"""The RealWorld ("Conduit") API: Flask in front of PostgreSQL, as a task of ECS would run it.

What is where:

    server.py       gunicorn: one process that accepts, worker threads that answer
    application.py  puts the Flask application together
    settings.py     what the environment says
    secret.py       the database's address and password, from Secrets Manager
    database.py     the connection pool, and the tables as soon as there is a database
    current.py      the session of the request under way
    tables.py       users, articles, comments and who follows or favorites what
    identity.py     passwords, tokens, and who is asking
    input.py        what a request's body and query may hold
    output.py       the JSON shapes of the public specification
    failures.py     every error as {"errors": {"body": [...]}}
    reading.py      articles as one reader sees them
    slugs.py        an article's address out of its title
    health.py       /health, for the load balancer
    routes/         one file per subject of the specification
"""
