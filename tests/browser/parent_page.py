"""Airflow's page around one of the project's pages."""

from tests.ui.test_pages import SANDBOX

HOST = "http://127.0.0.1:9"  # No request reaches it: the test answers all of them.
PARENT_PAGE = (
    f'<body><iframe sandbox="{SANDBOX}"'
    ' style="width:100%;height:90vh" src="/ddrc/page"></iframe></body>'
)
