#include <leat/connectors/formats/record_splitter.hpp>

#include <cstring>

namespace leat {

std::size_t record_splitter::next(std::string_view rest) {
  if (quotes_)
    return next_quoted(rest);
  const auto* const end = static_cast<const char*>(std::memchr(rest.data() + seen_, '\n', rest.size() - seen_));
  if (end == nullptr) {
    seen_ = rest.size();
    return unfinished;
  }
  seen_ = 0;
  return static_cast<std::size_t>(end - rest.data()) + 1;
}

std::size_t record_splitter::next_quoted(std::string_view rest) {
  auto at = at_;
  for (std::size_t i = seen_; i < rest.size(); ++i) {
    const char c = rest[i];
    if (at == place::quoted) {
      if (c == '"')
        at = place::quote_in_quoted;
    } else if (c == '\n') {
      restart();
      return i + 1;
    } else if (c == '"') {
      at = at == place::unquoted ? place::unquoted : place::quoted; // one behind a quote in a quoted field goes on with it
    } else {
      at = c == delimiter_ ? place::field_start : place::unquoted;
    }
  }
  seen_ = rest.size();
  at_ = at;
  return unfinished;
}

void record_splitter::restart() {
  seen_ = 0;
  at_ = place::field_start;
}

std::string_view without_line_break(std::string_view record) noexcept {
  if (record.ends_with('\n'))
    record.remove_suffix(1);
  if (record.ends_with('\r'))
    record.remove_suffix(1);
  return record;
}

} // namespace leat
