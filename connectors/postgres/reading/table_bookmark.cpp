#include <leat/connectors/postgres/reading/table_bookmark.hpp>

#include <leat/base/error.hpp>
#include <leat/base/schema.hpp>
#include <leat/connectors/formats/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace leat {

namespace {

constexpr std::int32_t version = 1;

std::string shown(const table_bookmark& of) {
  return fmt::format(
    "{} by ({}){}", of.table, fmt::join(of.key, ", "), of.condition.empty() ? "" : " where " + of.condition);
}

} // namespace

std::string to_text(const table_bookmark& mark) {
  encoded_records out;
  std::vector<rejection> refused;
  json.make_encoder(schema_of<table_bookmark>())->encode(&mark, sizeof mark, 1, out, refused);
  if (!refused.empty())
    throw state_error{fmt::format("the place in table {} cannot be kept: {}", mark.table, refused.front().reason)};
  return out.bytes;
}

table_bookmark table_bookmark_from(const std::string& text) {
  table_bookmark mark;
  raw_record raw;
  raw.payload = text;
  std::vector<rejection> refused;
  const auto made = json.make_decoder(schema_of<table_bookmark>())->decode({&raw, 1}, &mark, sizeof mark, refused);
  if (made != 1 || mark.version != version || (!mark.last.empty() && mark.last.size() != mark.key.size()))
    throw state_error{
      fmt::format("what a checkpoint has of a table is damaged, or was written by a later version of Leat: \"{}\"", text)};
  return mark;
}

std::string explain_other_reading(const table_bookmark& saved, const table_bookmark& now) {
  if (saved.table == now.table && saved.condition == now.condition && saved.key == now.key)
    return {};
  return fmt::format("the checkpoint has read {}, and the program reads {}", shown(saved), shown(now));
}

} // namespace leat
