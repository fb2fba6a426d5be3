"""The reviewer's report: what an assembly allows, exposes, encrypts, keeps, changes and costs."""
