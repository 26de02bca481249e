# Astro Runtime for Airflow 3.3; Python 3.12, the newest that every pinned package supports.
# The image's own build steps copy the project and install packages.txt and requirements.txt.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12

# The DAGs draw their dbt tasks from this manifest, so that parsing them never starts dbt.
RUN dbt --quiet parse --project-dir include/transform --profiles-dir include/transform
