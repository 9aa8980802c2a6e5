"""Makes a built template offer only the architecture that its functions were built for.

`sam build --parameter-overrides` leaves the parameters of the template as they are. Takes the template and the architecture.
"""

import pathlib
import sys

from samcli.yamlhelper import yaml_dump, yaml_parse

path, architecture = pathlib.Path(sys.argv[1]), sys.argv[2]
template = yaml_parse(path.read_text())
template["Parameters"]["Architecture"].update({"Default": architecture, "AllowedValues": [architecture]})
path.write_text(yaml_dump(template))
