#include <leat/connectors/files/epochs/shard_files.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/content_hash.hpp>
#include <leat/connectors/files/file_facts.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

constexpr std::size_t block = 256 * 1024;
constexpr std::size_t digits = 20;                     // of a number in the marker
constexpr std::size_t marker_bytes = 2 * (digits + 1); // a space between them, and a line break

[[noreturn]] void refuse(const epoch_place& in, const std::string& why) {
  throw final_error{fmt::format("sink '{}': {}", in.step, why)};
}

std::string newer_text(std::uint64_t epoch, std::uint64_t checkpoint) {
  if (checkpoint == 0)
    return fmt::format(
      "epoch {} was written by an earlier run of this job, whose checkpoints are not here. Start from them; to begin anew, "
      "write to another folder, or give the sink another uid",
      epoch);
  return fmt::format(
    "epoch {} is written out, but the job starts from checkpoint {}, which is older, and a sink to files cannot go "
    "back: what came in between would be written twice. Start from the latest checkpoint; if there is none later, does "
    "another instance of this job run? To have it written twice, give the sink another uid and start with "
    "--allow-dropped-state: it begins without state, and leaves the files that are there as they are, also those that are "
    "not complete",
    epoch, checkpoint);
}

/// Renames, unless there is a file of that name: where the file system cannot promise that, the lock of the marker does.
int rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  if (facts_of(to))
    return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

} // namespace

shard_files::shard_files(const epoch_places& in, std::uint32_t shard, std::function<void(epoch_step)> passes)
  : places_{in}, shard_{shard}, passes_{std::move(passes)}, marker_path_{
                                                              path_of(in[0], {epoch_name::what::marker, shard, 0})} {
  lock();
  read_marker();
}

void shard_files::lock() {
  marker_file_ = open_file{::open(marker_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)};
  if (!marker_file_)
    fail_on(places_[0], "open", marker_path_, errno);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(marker_file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      fail_on(places_[0], "lock", marker_path_, errno);
    if (std::chrono::steady_clock::now() >= deadline)
      refuse(
        places_[0],
        fmt::format(
          "another instance of this job holds {}, and writes its files: end it, and start this one again", marker_path_));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

void shard_files::read_marker() {
  std::string text(marker_bytes, '\0');
  const auto count = ::pread(marker_file_.get(), text.data(), text.size(), 0);
  if (count < 0)
    fail_on(places_[0], "read", marker_path_, errno);
  if (count == 0)
    return;
  bool whole = count == static_cast<ssize_t>(marker_bytes) && text[digits] == ' ' && text.back() == '\n';
  for (std::size_t kind = 0; whole && kind < marker_.size(); ++kind) {
    const auto* const from = text.data() + kind * (digits + 1);
    const auto [end, failed] = std::from_chars(from, from + digits, marker_[kind]);
    whole = failed == std::errc{} && end == from + digits;
  }
  if (!whole)
    refuse(places_[0], fmt::format("{} is damaged: it should hold the numbers of two epochs", marker_path_));
}

void shard_files::mark(std::span<const complete_file> out) {
  for (const auto& f : out)
    marker_[f.what.kind] = std::max(marker_[f.what.kind], f.epoch);
  const auto text = fmt::format("{:0{}} {:0{}}\n", marker_[0], digits, marker_[1], digits);
  if (
    ::pwrite(marker_file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
    ::fdatasync(marker_file_.get()) != 0)
    fail_on(places_[0], "write to", marker_path_, errno);
  passes_(epoch_step::marked);
}

void shard_files::restore(std::uint64_t checkpoint, std::span<const saved_epoch_log> logs) {
  if (const auto newest = std::ranges::max(marker_); newest > checkpoint)
    refuse(places_[0], fmt::format("{} says that {}", marker_path_, newer_text(newest, checkpoint)));
  std::map<std::pair<std::uint8_t, std::uint64_t>, complete_file> latest; // what the last log of each file says
  for (const auto& log : logs)
    for (const auto& f : files_in_log(log.bytes))
      latest.insert_or_assign({f.kind, f.first}, complete_file{log.name.epoch, f});
  std::vector<complete_file> all;
  for (const auto& [name, f] : latest)
    all.push_back(f);
  for (const auto& f : all)
    settle(checkpoint, f);
  store_all_names();
  if (std::ranges::any_of(all, [&](const complete_file& f) { return marker_[f.what.kind] < f.epoch; }))
    mark(all);
  remove_strays();
}

void shard_files::store_all_names() const {
  for (const auto& place : places_)
    if (facts_of(place.folder))
      store_names(place);
  passes_(epoch_step::names_stored);
}

/// A file that a log names gets its name, if it has not got it.
void shard_files::settle(std::uint64_t checkpoint, const complete_file& f) {
  const auto& place = places_[f.what.kind];
  const auto aside = path_of(place, {epoch_name::what::aside, shard_, f.what.first});
  const auto final_path = path_of(place, {epoch_name::what::file, shard_, f.epoch});
  if (facts_of(aside)) {
    verify(aside, f.what);
    give_name(f);
    spdlog::info("sink '{}': completed {}, as checkpoint {} has it", place.step, final_path, checkpoint);
    return;
  }
  if (const auto there = facts_of(final_path)) {
    if (there->size != static_cast<std::int64_t>(f.what.bytes))
      refuse(
        place, fmt::format(
                 "{} has {} bytes, but checkpoint {} says that it has {}: who has written to it?", final_path, there->size,
                 checkpoint, f.what.bytes));
    return;
  }
  if (marker_[f.what.kind] < f.epoch)
    refuse(
      place, fmt::format(
               "{} bytes of records that checkpoint {} has are missing: neither {} nor {} is there. Put back what was in "
               "the folder; was another disk mounted?",
               f.what.bytes, checkpoint, aside, final_path));
}

/// Cuts off what the checkpoint does not have.
/// @throws final_error when what it has is not there.
void shard_files::verify(const std::string& path, const logged_file& f) const {
  const auto& place = places_[f.kind];
  const open_file file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!file)
    fail_on(place, "open", path, errno);
  running_hash hash;
  std::string bytes(block, '\0');
  std::uint64_t read = 0;
  while (read < f.bytes) {
    const auto count = ::pread(
      file.get(), bytes.data(), static_cast<std::size_t>(std::min<std::uint64_t>(block, f.bytes - read)),
      static_cast<off_t>(read));
    if (count < 0)
      fail_on(place, "read", path, errno);
    if (count == 0)
      refuse(
        place,
        fmt::format("{} has only {} of the {} bytes that the checkpoint has written: it was cut", path, read, f.bytes));
    hash.add(std::string_view{bytes}.substr(0, static_cast<std::size_t>(count)));
    read += static_cast<std::uint64_t>(count);
  }
  if (hash.value() != f.hash)
    refuse(place, fmt::format("{} is damaged: its first {} bytes are not those that were written", path, f.bytes));
  if (::ftruncate(file.get(), static_cast<off_t>(f.bytes)) != 0 || ::fsync(file.get()) != 0)
    fail_on(place, "cut", path, errno);
  passes_(epoch_step::stored);
}

void shard_files::give_name(const complete_file& f) {
  const auto& place = places_[f.what.kind];
  const auto from = path_of(place, {epoch_name::what::aside, shard_, f.what.first});
  const auto to = path_of(place, {epoch_name::what::file, shard_, f.epoch});
  const auto failed = rename_new(from, to);
  if (failed == EEXIST)
    refuse(place, fmt::format("{} is there already, and {} too: another instance of this job has written it", to, from));
  if (failed == ENOENT)
    refuse(place, fmt::format("{}, which holds {} bytes of records, is gone: who has removed it?", from, f.what.bytes));
  if (failed != 0)
    fail_on(place, fmt::format("rename to {}", to), from, failed);
  passes_(epoch_step::renamed);
}

void shard_files::publish(std::span<const complete_file> files) {
  if (files.empty())
    return;
  for (const auto& f : files)
    give_name(f);
  store_all_names();
  mark(files);
}

/// What is left aside belongs to epochs behind the checkpoint: their records come again.
void shard_files::remove_strays() const {
  for (const auto& place : places_)
    for (const auto& name : names_in(place))
      if (name.kind == epoch_name::what::aside && name.shard == shard_) {
        const auto path = path_of(place, name);
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
          fail_on(place, "remove", path, errno);
      }
}

std::vector<epoch_name> names_in(const epoch_place& place) {
  std::vector<epoch_name> all;
  std::error_code failed;
  for (std::filesystem::directory_iterator at{place.folder, failed}, end; !failed && at != end; at.increment(failed))
    if (const auto name = epoch_name_of(place, at->path().filename().string()))
      all.push_back(*name);
  if (failed && failed != std::errc::no_such_file_or_directory)
    fail_on(place, "read the folder", place.folder, failed.value());
  return all;
}

void refuse_newer(const epoch_places& in, std::uint64_t checkpoint) {
  for (const auto& place : in)
    for (const auto& name : names_in(place))
      if (name.kind == epoch_name::what::file && name.epoch > checkpoint)
        refuse(place, fmt::format("{} says that {}", path_of(place, name), newer_text(name.epoch, checkpoint)));
}

} // namespace leat
