#include <leat/connectors/files/file_bookmark.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/content_hash.hpp>

#include <fmt/format.h>

#include <sstream>

namespace leat {

namespace {

constexpr int version = 1;
constexpr int nothing_skipped = -1;
constexpr int last_place = static_cast<int>(record_splitter::place::quote_in_quoted);

} // namespace

file_excerpt excerpt_of(std::string_view bytes) noexcept { return {bytes.size(), content_hash(bytes)}; }

std::string to_text(const file_bookmark& mark) {
  return fmt::format(
    "{} {} {} {} {} {} {} {} {} {}", version, mark.identity.device, mark.identity.number, mark.identity.born, mark.size,
    mark.head.bytes, mark.head.hash, mark.tail.bytes, mark.tail.hash,
    mark.skipping ? static_cast<int>(*mark.skipping) : nothing_skipped);
}

file_bookmark bookmark_from(const std::string& text) {
  file_bookmark mark;
  int written_as = 0, skipping = nothing_skipped;
  std::istringstream in{text};
  in >> written_as >> mark.identity.device >> mark.identity.number >> mark.identity.born >> mark.size >> mark.head.bytes >>
    mark.head.hash >> mark.tail.bytes >> mark.tail.hash >> skipping;
  if (!in || written_as != version || skipping < nothing_skipped || skipping > last_place)
    throw state_error{
      fmt::format("what a checkpoint has of a file is damaged, or was written by a later version of Leat: \"{}\"", text)};
  if (skipping != nothing_skipped)
    mark.skipping = static_cast<record_splitter::place>(skipping);
  return mark;
}

} // namespace leat
