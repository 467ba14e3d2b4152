"""Says what each task came to, in JSON lines."""

import json

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lines"

    def v2_runner_on_ok(self, result):
        self.say(result, failed=False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.say(result, failed=True)

    def say(self, result, failed):
        said = result.result if hasattr(result, "result") else result._result
        task = (result.task if hasattr(result, "task") else result._task).get_name()
        fields = {name: said[name] for name in ("msg", "stdout", "resources") if name in said}
        print(json.dumps({"task": task, "failed": failed, "changed": said.get("changed", False), **fields}), flush=True)
