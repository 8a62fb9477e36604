#include <leat/connectors/registry/registered_printer.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/avro.hpp>
#include <leat/connectors/formats/protobuf.hpp>

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <utility>

namespace leat {
namespace {

using outcome = registry_answer::outcome;

const schema_format* format_of(std::string_view kind) {
  for (const schema_format* one : std::array<const schema_format*, 2>{&avro, &protobuf})
    if (one->schema_kind() == kind)
      return one;
  return nullptr;
}

/// What has a schema of JSON is JSON already; on one line it is without what stands between its tokens.
class json_printer final : public value_printer {
public:
  [[nodiscard]] printed_value print(std::string_view bytes) override {
    simdjson::dom::element root;
    if (const auto failed = parser_.parse(bytes.data(), bytes.size()).get(root); failed != simdjson::SUCCESS)
      return {{}, fmt::format("is no JSON: {}", simdjson::error_message(failed))};
    return {simdjson::minify(root), {}};
  }

private:
  simdjson::dom::parser parser_;
};

} // namespace

registered_printer::registered_printer(fetch how) : fetch_{std::move(how)} {}

printed_record registered_printer::print(std::string_view bytes) {
  auto record = read_registered(bytes, false);
  if (!record)
    return {{}, {{}, "not in Confluent's wire format"}};
  const auto id = record->schema;
  const auto* const known = find(id);
  if (!known)
    return {id, {{}, fmt::format("schema {} cannot be asked for: {}", id, silent_because_)}};
  if (!known->found)
    return {id, {{}, fmt::format("schema {} {}", id, known->reason)}};
  if (known->has_place)
    record = read_registered(bytes, true);
  if (!record)
    return {id, {{}, fmt::format("schema {}: there is no place of a message behind its id", id)}};
  if (made_ > most_printers) {
    ways_.clear();
    made_ = 0;
  }
  auto& of_schema = ways_[id];
  auto found = of_schema.find(record->place);
  if (found == of_schema.end()) {
    found = of_schema.emplace(std::string{record->place}, make_way(*known, record->place)).first;
    ++made_;
  }
  auto& way = found->second;
  auto value = way.by ? way.by->print(record->payload) : printed_value{{}, way.reason};
  if (!value.printed())
    value.failure = fmt::format("schema {}: {}", id, value.failure);
  return {id, std::move(value)};
}

/// @returns null: nobody answers.
const registered_printer::known_schema* registered_printer::find(std::uint32_t id) {
  const auto known = schemas_.find(id);
  if (known != schemas_.end() && (known->second.found || clock::now() < known->second.until))
    return &known->second;
  if (clock::now() < silent_until_)
    return nullptr;
  auto answer = fetch_(id);
  if (answer.how.what == outcome::unreachable) {
    silent_until_ = clock::now() + silence;
    silent_because_ = std::move(answer.how.reason);
    return nullptr;
  }
  if (schemas_.size() > most_printers)
    schemas_.clear();
  auto& made = schemas_[id];
  made.has_place = answer.found && answer.found->kind == protobuf.schema_kind();
  made.found = std::move(answer.found);
  made.until = clock::now() + absence;
  made.reason = fmt::format(
    "{}: {}", answer.how.what == outcome::absent ? "is not in the registry" : "cannot be had", answer.how.reason);
  return &made;
}

registered_printer::way registered_printer::make_way(const known_schema& known, std::string_view place) {
  if (known.found->kind == "JSON")
    return {std::make_unique<json_printer>(), {}};
  const auto* const format = format_of(known.found->kind);
  if (!format)
    return {nullptr, fmt::format("is of the kind {}, which is not known", known.found->kind)};
  auto written = known.found->schema;
  written.message = place_numbers(place);
  try {
    return {format->make_printer(written), {}};
  } catch (const error& e) {
    return {nullptr, e.what()};
  }
}

} // namespace leat
