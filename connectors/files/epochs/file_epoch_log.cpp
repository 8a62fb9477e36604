#include <leat/connectors/files/epochs/file_epoch_log.hpp>

#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>

#include <fmt/format.h>

namespace leat {

namespace {

constexpr char version = 1;

} // namespace

std::string to_log(const std::vector<logged_file>& files) { return version + encoded(files); }

std::vector<logged_file> files_in_log(std::string_view log) {
  if (log.empty() || log.front() != version)
    throw state_error{fmt::format(
      "the log of an epoch of files is damaged, or was written by a later version of Leat: it begins with {}, not with {}",
      log.empty() ? "nothing" : std::to_string(static_cast<int>(log.front())), static_cast<int>(version))};
  auto files = decoded<std::vector<logged_file>>(log.substr(1));
  for (const auto& f : files)
    if (f.kind > static_cast<std::uint8_t>(epoch_file_kind::letters))
      throw state_error{fmt::format("the log of an epoch of files is damaged: there is no kind {}", f.kind)};
  return files;
}

} // namespace leat
