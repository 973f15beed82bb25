#!/usr/bin/env python3
"""Writes tests/suite/pipeline/ as the libraries of each format write it: pipeline.py FOLDER.

The facts are invented; the format is that of the library. Needs
`pip install mlflow-skinny==3.17.2 huggingface_hub==2.4.0 mlcroissant==1.1.1 'cyclonedx-python-lib[json-validation]==11.12.0'`."""

import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

METRICS = {"test_roc_auc": 0.8034, "test_recall": 0.910, "test_log_loss": 1.25e-05}
RECORDS = {"train": 148512, "test": 24180}


def model_card(folder):
    """Metadata of a model card on Hugging Face, with results in its model index."""
    from huggingface_hub import EvalResult, ModelCard, ModelCardData

    of_test = {"task_type": "tabular-classification", "dataset_type": "example/consumer-loans",
               "dataset_name": "Consumer loans", "dataset_split": "test", "dataset_revision": "5f1c2b7"}
    results = [EvalResult(metric_type=kind, metric_name=name, metric_value=value, **of_test)
               for kind, name, value in (("roc_auc", "ROC AUC", 0.8034), ("recall", "Recall", 0.910))]
    data = ModelCardData(language=["en"], license="apache-2.0", library_name="lightgbm", model_name="Example Score",
                         datasets=["example/consumer-loans"], pipeline_tag="tabular-classification", eval_results=results)
    text = f"---\n{data.to_yaml()}\n---\n\n# Example Score\n\nAn invented model.\n"
    card = ModelCard(text)
    assert card.data.eval_results[0].metric_value == 0.8034
    (folder / "README.md").write_text(text, encoding="utf-8")


def run(folder):
    """A run of MLflow, as `mlflow runs describe` prints it."""
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    import mlflow

    with tempfile.TemporaryDirectory() as store:
        client = mlflow.MlflowClient(tracking_uri=Path(store).as_uri())
        own = client.create_run(client.create_experiment("score"), run_name="eks-2.3.0", start_time=1792000000000)
        for name, value in METRICS.items():
            client.log_metric(own.info.run_id, name, value, timestamp=1792000300000, step=0)
        for name, value in {"num_leaves": "31", "learning_rate": "0.05", "train_records": str(RECORDS["train"])}.items():
            client.log_param(own.info.run_id, name, value)
        client.set_tag(own.info.run_id, "model.version", "2.3.0")
        client.set_terminated(own.info.run_id, end_time=1792000400000)
        told = client.get_run(own.info.run_id).to_dictionary()
    text = json.dumps(told, indent=4)
    for here in (store, told["info"]["run_id"], told["info"]["user_id"], told["info"]["experiment_id"]):
        text = text.replace(str(here), {store: "/mlruns"}.get(here, "ci" if here == told["info"]["user_id"] else str(here)))
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


def bill_of_materials(folder):
    """A CycloneDX bill of materials of the model, held against the schema of version 1.6."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    metrics = [{"type": "roc_auc", "value": "0.8034", "slice": "test",
                "confidenceInterval": {"lowerBound": "0.7931", "upperBound": "0.8137"}},
               {"type": "recall", "value": "0.910", "slice": "test"}]
    model = {
        "type": "machine-learning-model", "bom-ref": "eks-2.3.0", "name": "Example Score", "version": "2.3.0",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"}, "task": "classification",
                "architectureFamily": "gradient-boosted decision trees",
                "datasets": [{"type": "dataset", "name": "Consumer loans", "classification": "confidential"}],
            },
            "quantitativeAnalysis": {"performanceMetrics": metrics},
            "considerations": {"technicalLimitations": ["No loans to businesses."]},
        },
    }
    library = {"type": "library", "bom-ref": "lightgbm", "name": "LightGBM", "version": "4.6.0",
               "purl": "pkg:pypi/lightgbm@4.6.0"}
    bom = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
           "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1, "components": [model, library]}
    text = json.dumps(bom, indent=2) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert wrong is None, wrong
    (folder / "bom.cdx.json").write_text(text, encoding="utf-8")


def data_set(folder):
    """A data set described in Croissant, read back by its own library."""
    import mlcroissant as mlc

    file = mlc.FileObject(id="loans.csv", name="loans.csv", content_url="data/loans.csv", encoding_formats=["text/csv"],
                          sha256="48a7c257f3c90b2a3e529ddd2cca8f4f1bd8e49ed244ef53927649504ac55354")
    field = lambda name, kind: mlc.Field(id=f"loans/{name}", name=name, data_types=kind, source=mlc.Source(
        file_object="loans.csv", extract=mlc.Extract(column=name)))
    records = mlc.RecordSet(id="loans", name="loans", fields=[
        field("income", mlc.DataType.FLOAT), field("split", mlc.DataType.TEXT)])
    splits = mlc.RecordSet(
        id="splits", name="splits", fields=[
            mlc.Field(id="splits/name", name="name", data_types=mlc.DataType.TEXT),
            mlc.Field(id="splits/records", name="records", data_types=mlc.DataType.INTEGER)],
        data=[{"splits/name": name, "splits/records": count} for name, count in RECORDS.items()])
    metadata = mlc.Metadata(
        name="consumer-loans", description="Loans of four invented lenders, without names.", version="3.1.0",
        license="https://creativecommons.org/licenses/by/4.0/", url="https://example-kredit.example/data",
        cite_as="Example Kredit AI GmbH (fictional): Consumer loans, 2026.",
        date_published="2026-07-24", distribution=[file], record_sets=[records, splits])
    text = json.dumps(metadata.to_json(), indent=2, default=str) + "\n"
    (folder / "croissant.json").write_text(text, encoding="utf-8")
    read = mlc.Dataset(str(folder / "croissant.json"))
    assert [row["splits/records"] for row in read.records("splits")] == list(RECORDS.values())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for write in (model_card, run, bill_of_materials, data_set):
        write(Path(sys.argv[1]))
