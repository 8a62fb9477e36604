#include <leat/connectors/files/epochs/aside_file.hpp>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace leat {

void aside_file::write(const encoded_records& lines, std::uint64_t epoch) {
  lines_.clear();
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].empty())
      lines_.append(lines[i]).push_back('\n');
  if (lines_.empty())
    return;
  if (!current_)
    begin(epoch);
  append(lines_);
}

std::optional<aside_file::ended_epoch> aside_file::cut(bool last) {
  if (!current_)
    return std::nullopt;
  auto& c = *current_;
  ended_epoch ended;
  ended.log = {static_cast<std::uint8_t>(kind_), c.first, c.bytes, c.hash.value(), last};
  ended.log.complete |= c.bytes >= rolling_.at || std::chrono::steady_clock::now() >= c.begun + rolling_.after;
  ended.file = c.file;
  ended.is_new = std::exchange(c.is_new, false);
  if (ended.log.complete)
    current_.reset();
  return ended;
}

void aside_file::begin(std::uint64_t epoch) {
  current c;
  c.path = path_of(place_, {epoch_name::what::aside, shard_, epoch});
  c.file = std::make_shared<open_file>(::open(c.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666));
  if (!*c.file)
    fail_on(place_, "create", c.path, errno);
  c.first = epoch;
  c.begun = std::chrono::steady_clock::now();
  current_.emplace(std::move(c));
  if (!place_.header.empty())
    append(place_.header + '\n');
}

void aside_file::append(std::string_view bytes) {
  for (auto left = bytes; !left.empty();) {
    const auto written = ::write(current_->file->get(), left.data(), left.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      fail_on(place_, "write to", current_->path, errno);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  current_->hash.add(bytes);
  current_->bytes += bytes.size();
}

} // namespace leat
