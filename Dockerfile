# Astro Runtime 3.3-8 is built on Airflow 3.3, the minor version that requirements-dev.txt pins for
# laptops; .ci/image compares the two. Python 3.12 is the one of CI's machines too.
#
# The tag without "-base" installs requirements.txt before any other file is there, so without
# constraints.txt. With "-base" the same steps are written here.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12-base

USER root
COPY packages.txt .
RUN /usr/local/bin/install-system-packages

# The versions that the tests ran with. Airflow's own packages are the base's. The constraint is a line
# of the file, because the base's script passes constraints of its own on the command line.
COPY requirements.txt constraints.txt ./
RUN sed --in-place '/^apache-airflow\(-core\|-task-sdk\)\?==/d' constraints.txt \
    && printf '\n--constraint constraints.txt\n' >> requirements.txt \
    && /usr/local/bin/install-python-dependencies

USER astro
COPY --chown=astro:0 . .

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
