#include <leat/connectors/files/epochs/epoch_place.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/content_hash.hpp>
#include <leat/connectors/files/file_facts.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace leat {

namespace {

constexpr std::size_t longest_job = 64; // characters of it in a name
constexpr std::string_view aside_suffix = ".aside";
constexpr std::string_view marker_suffix = ".marker";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  const bool has = text.starts_with(prefix);
  text.remove_prefix(has ? prefix.size() : 0);
  return has;
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  const bool has = text.ends_with(suffix);
  text.remove_suffix(has ? suffix.size() : 0);
  return has;
}

template <class Number>
bool read_number(std::string_view text, Number& to) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), to);
  return failed == std::errc{} && end == text.data() + text.size();
}

std::string text_of(const epoch_place& in, const epoch_name& name) {
  switch (name.kind) {
  case epoch_name::what::file:
    return fmt::format("{}-{}-{:010}{}", in.prefix, name.shard, name.epoch, in.extension);
  case epoch_name::what::aside:
    return fmt::format(".{}-{}-{:010}{}{}", in.prefix, name.shard, name.epoch, in.extension, aside_suffix);
  default:
    return fmt::format(".{}-{}{}", in.prefix, name.shard, marker_suffix);
  }
}

} // namespace

std::string epoch_prefix(const std::string& job, const std::string& uid) {
  auto readable = job.substr(0, longest_job);
  for (auto& c : readable)
    c = is_plain(c) ? c : '_';
  if (readable.starts_with('.'))
    readable[0] = '_'; // complete files are no hidden ones
  return fmt::format("{}-{:016x}", readable, content_hash(job + '\0' + uid));
}

std::string path_of(const epoch_place& in, const epoch_name& name) { return in.folder + '/' + text_of(in, name); }

std::optional<epoch_name> epoch_name_of(const epoch_place& in, std::string_view name) {
  epoch_name found;
  auto rest = name;
  if (drop_prefix(rest, "."))
    found.kind = drop_suffix(rest, aside_suffix) ? epoch_name::what::aside : epoch_name::what::marker;
  if (found.kind == epoch_name::what::marker ? !drop_suffix(rest, marker_suffix) : !drop_suffix(rest, in.extension))
    return std::nullopt;
  if (!drop_prefix(rest, in.prefix) || !drop_prefix(rest, "-"))
    return std::nullopt;
  const auto dash = rest.find('-');
  if (
    found.kind != epoch_name::what::marker &&
    (dash == std::string_view::npos || !read_number(rest.substr(dash + 1), found.epoch)))
    return std::nullopt;
  if (!read_number(rest.substr(0, dash), found.shard) || text_of(in, found) != name)
    return std::nullopt;
  return found;
}

void store_names(const epoch_place& in) {
  const open_file folder{::open(in.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0)
    fail_on(in, "store the names in", in.folder, errno);
}

void fail_on(const epoch_place& in, std::string_view what, const std::string& path, int error) {
  throw connector_error{fmt::format("sink '{}': cannot {} {}: {}", in.step, what, path, system_reason(error))};
}

} // namespace leat
