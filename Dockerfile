# Astro Runtime 3.3-8 is built on Airflow 3.3, the minor version that requirements-dev.txt pins for
# laptops; .ci/image compares the two. Python 3.12 is the newest that every pin supports. The base's
# build steps install packages.txt and requirements.txt, switch to the user astro, and copy what
# .dockerignore includes.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12

# The DAGs read their dbt tasks from this manifest, so parsing them never starts dbt. The pages in
# Airflow's UI read the models' documentation from it.
RUN dbt --quiet parse --project-dir include/transform --profiles-dir include/transform

# Cosmos parses the manifest for each DAG; this is the faster of its two parsers.
ENV AIRFLOW__COSMOS__ENABLE_ORJSON_PARSER=True

# Otherwise the Snowflake connector queries the metadata services of three clouds at each login, and
# waits for them, only for Snowflake's statistics.
ENV SNOWFLAKE_DISABLE_PLATFORM_DETECTION=true

# The base image ends with this user too; this line holds if the base changes.
USER astro
