#include <leat/base/error.hpp>
#include <leat/connectors/formats/avro/avro_printer.hpp>
#include <leat/tests/fuzz/fuzz_target.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

#include <simdjson.h>

#include <algorithm>
#include <memory>

namespace leat::testing {

namespace {

/// A document that is no deeper than parsers go.
bool is_json(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto outcome = parser.parse(text).get(root);
  return outcome == simdjson::SUCCESS || outcome == simdjson::DEPTH_ERROR;
}

} // namespace

/// The text of a schema, and behind a 0 bytes that it is said to have written.
void fuzz_avro_printer(std::string_view input) {
  const auto end = std::min(input.find('\0'), input.size());
  std::shared_ptr<const avro_schema> schema;
  try {
    schema = std::make_shared<const avro_schema>(input.substr(0, end));
  } catch (const config_error&) {
    return; // the target `avro_schema` looks at these
  }
  avro_printer printer{schema};
  const auto bytes = input.substr(std::min(end + 1, input.size()));
  const auto first = printer.print(bytes);
  demand(first.json.empty() != first.failure.empty(), "a value is shown, or refused with a reason");
  if (first.printed() && first.json.size() < (1 << 20))
    demand(is_json(first.json), "what is shown is JSON");
  demand(printer.print(bytes).json == first.json, "a value is shown alike again, whatever was refused before");
}

} // namespace leat::testing
