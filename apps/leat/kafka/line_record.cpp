#include <leat/apps/leat/kafka/line_record.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/connectors/formats/csv_fields.hpp>

#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <vector>

namespace leat::cli {

namespace {

std::string_view without_return(std::string_view line) {
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

} // namespace

struct line_reader::parsers {
  simdjson::dom::parser json;
  std::vector<csv_fields::raw_field> fields;
  std::optional<std::size_t> columns; // none: their names have not come
  std::size_t key_column = 0;
};

line_reader::line_reader(line_rules rules) : rules_{std::move(rules)}, parsers_{std::make_unique<parsers>()} {}

line_reader::~line_reader() = default;

line_reader::verdict line_reader::bad(std::string reason) {
  reason_ = std::move(reason);
  return verdict::bad;
}

line_reader::verdict line_reader::read(std::string_view line) {
  record_ = {};
  if (rules_.form == line_form::text)
    return read_text(line);
  line = without_return(line);
  if (is_blank(line))
    return verdict::nothing;
  return rules_.form == line_form::json ? read_json(line) : read_csv(line);
}

line_reader::verdict line_reader::read_text(std::string_view line) {
  record_.value = line;
  if (!rules_.key_separator.empty()) {
    const auto at = line.find(rules_.key_separator);
    if (at == std::string_view::npos)
      return bad(fmt::format("no key: there is no '{}' in it", rules_.key_separator));
    record_.key = line.substr(0, at);
    record_.value = line.substr(at + rules_.key_separator.size());
  }
  if (rules_.null && record_.key == *rules_.null)
    record_.key.reset();
  if (rules_.null && record_.value == *rules_.null)
    record_.value.reset();
  return verdict::record;
}

/// A key that is text is that text; numbers and others are as JSON has them.
line_reader::verdict line_reader::read_json(std::string_view line) {
  record_.value = line;
  simdjson::dom::element document;
  if (const auto failed = parsers_->json.parse(line.data(), line.size()).get(document))
    return bad(fmt::format("no JSON: {}", simdjson::error_message(failed)));
  if (rules_.key_field.empty())
    return verdict::record;
  simdjson::dom::object object;
  if (document.get(object))
    return bad("no key: it is no object");
  simdjson::dom::element key;
  if (object.at_key(rules_.key_field).get(key))
    return bad(fmt::format("no key: it has no member '{}'", rules_.key_field));
  if (key.is_null())
    return verdict::record;
  if (std::string_view text; !key.get(text))
    key_ = text;
  else
    key_ = simdjson::minify(key);
  record_.key = key_;
  return verdict::record;
}

line_reader::verdict line_reader::read_csv(std::string_view line) {
  if (const auto* const wrong = csv_fields::split(line, ',', parsers_->fields))
    return bad(fmt::format("no CSV: {}", wrong));
  if (!parsers_->columns) {
    read_columns(line);
    return verdict::nothing;
  }
  if (parsers_->fields.size() != *parsers_->columns)
    return bad(fmt::format("{} columns, not {}", parsers_->fields.size(), *parsers_->columns));
  record_.value = line;
  if (rules_.key_field.empty())
    return verdict::record;
  csv_fields::unescape(parsers_->fields[parsers_->key_column], key_);
  record_.key = key_;
  if (rules_.null && key_ == *rules_.null)
    record_.key.reset();
  return verdict::record;
}

void line_reader::read_columns(std::string_view line) {
  std::vector<std::string> names;
  for (const auto& field : parsers_->fields)
    csv_fields::unescape(field, names.emplace_back());
  parsers_->columns = names.size();
  if (rules_.key_field.empty())
    return;
  const auto found = std::ranges::find(names, rules_.key_field);
  if (found == names.end()) {
    const auto nearest = nearest_name(rules_.key_field, names);
    throw config_error{fmt::format(
      "--key-field {}: the first line names no such column: {}{}", rules_.key_field, line,
      nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest))};
  }
  parsers_->key_column = static_cast<std::size_t>(found - names.begin());
}

} // namespace leat::cli
