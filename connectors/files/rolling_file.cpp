#include <leat/connectors/files/rolling_file.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_facts.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

[[noreturn]] void fail(const rolling_options& o, std::string_view what, const std::string& path, int error) {
  throw connector_error{fmt::format("sink '{}': cannot {} {}: {}", o.step, what, path, system_reason(error))};
}

void sync_folder(const rolling_options& o) {
  const open_file folder{::open(o.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0)
    fail(o, "store the names in", o.folder, errno);
}

std::string path_in(const rolling_options& o, const std::string& name) { return o.folder + '/' + name; }

/// Waits until what was written is on the disk, and the file's name too.
void store(const rolling_options& o, int file, const std::string& name) {
  if (::fdatasync(file) != 0)
    fail(o, "store", path_in(o, in_progress_name(name)), errno);
  sync_folder(o);
}

void complete(const rolling_options& o, int file, const std::string& name) {
  store(o, file, name);
  const auto from = path_in(o, in_progress_name(name));
  if (::rename(from.c_str(), path_in(o, name).c_str()) != 0)
    fail(o, "give its final name to", from, errno);
  sync_folder(o);
}

} // namespace

std::string in_progress_name(const std::string& name) { return '.' + name + ".inprogress"; }

rolling_file::rolling_file(rolling_options options, std::shared_ptr<alarm_clock> disk, waker wake, std::uint64_t before)
  : options_{std::move(options)}, disk_{std::move(disk)}, wake_{std::move(wake)}, progress_{
                                                                                    std::make_shared<progress>(before)} {}

void rolling_file::write(const encoded_records& lines) {
  lines_.clear();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty())
      continue;
    if (!current_)
      begin();
    lines_.append(lines[i]).push_back('\n');
    if (static_cast<std::size_t>(current_->size) + lines_.size() >= options_.roll_at)
      roll();
  }
  append_lines();
}

void rolling_file::mark(std::uint64_t segment) {
  on_disk([o = options_, file = current_, segment, to = progress_] {
    if (file)
      store(o, file->file.get(), file->name);
    const std::lock_guard lock{to->m};
    to->stored = segment;
  });
}

void rolling_file::roll_if_old() {
  if (current_ && std::chrono::steady_clock::now() >= current_->opened + options_.roll_after)
    roll();
}

void rolling_file::roll() {
  if (!current_)
    return;
  append_lines();
  on_disk([o = options_, file = std::exchange(current_, nullptr)] { complete(o, file->file.get(), file->name); });
}

std::uint64_t rolling_file::stored() const {
  const std::lock_guard lock{progress_->m};
  if (!progress_->failure.empty())
    throw connector_error{progress_->failure};
  return progress_->stored;
}

void rolling_file::begin() {
  current_ = create();
  current_->opened = std::chrono::steady_clock::now();
  if (!options_.header.empty())
    append(options_.header + '\n');
  disk_->wake_at(current_->opened + options_.roll_after, wake_);
}

/// A file under a name that nobody has, locked.
std::shared_ptr<rolling_file::current> rolling_file::create() {
  for (;;) {
    auto made = std::make_shared<current>();
    made->name = fmt::format("{}-{}{}", options_.name, ++last_number_, options_.extension);
    const auto path = path_in(options_, in_progress_name(made->name));
    made->file = open_file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666)};
    if (!made->file && errno != EEXIST)
      fail(options_, "create", path, errno);
    if (!made->file || ::flock(made->file.get(), LOCK_EX | LOCK_NB) != 0)
      continue;
    const auto there = facts_of(path); // until it was locked, another job that starts may have cleared it away
    if (!there || there->identity != facts_of(made->file.get()).identity)
      continue;
    if (!facts_of(path_in(options_, made->name)))
      return made;
    ::unlink(path.c_str());
  }
}

void rolling_file::append_lines() {
  if (lines_.empty())
    return; // and there may be no file
  append(lines_);
  lines_.clear();
}

void rolling_file::append(std::string_view bytes) {
  auto left = bytes;
  while (!left.empty()) {
    const auto written = ::write(current_->file.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      fail(options_, "write to", path_in(options_, in_progress_name(current_->name)), errno);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  current_->size += static_cast<std::int64_t>(bytes.size());
}

/// Has something done after all that was asked for before. What fails is told by `stored`, and nothing else is from then on.
void rolling_file::on_disk(std::function<void()> work) {
  disk_->wake_at(std::chrono::steady_clock::now(), [work = std::move(work), to = progress_, wake = wake_] {
    try {
      work();
    } catch (const std::exception& e) {
      const std::lock_guard lock{to->m};
      to->failure = e.what();
    }
    wake();
  });
}

} // namespace leat
