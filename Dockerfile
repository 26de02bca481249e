# Astro Runtime's tag 3.3-8 is a build on Airflow 3.3, the minor version that requirements-dev.txt
# pins for laptops; .ci/image compares the two. Python 3.12 is the newest that every pin supports.
# The image's own build steps install packages.txt and requirements.txt, go on as the user astro, and
# copy what .dockerignore lets through.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12

# The DAGs draw their dbt tasks from this manifest, so that parsing them never starts dbt; Airflow's UI
# shows the models' documentation from it.
RUN dbt --quiet parse --project-dir include/transform --profiles-dir include/transform

# Cosmos reads it for each DAG, with the faster of its two parsers.
ENV AIRFLOW__COSMOS__ENABLE_ORJSON_PARSER=True

# At each login the Snowflake connector would ask the metadata services of three clouds where it runs,
# and wait for them, for Snowflake's statistics only.
ENV SNOWFLAKE_DISABLE_PLATFORM_DETECTION=true

# As the base image ends; here for whoever reads only this file, or changes the base.
USER astro
