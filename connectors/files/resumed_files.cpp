#include <leat/connectors/files/resumed_files.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_decision.hpp>
#include <leat/connectors/files/open_file.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <set>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

/// A file as a checkpoint knows it.
struct known_file {
  std::string path;
  std::int64_t position = 0;
  file_bookmark mark;
};

std::string bytes_at(const open_file& file, const std::string& path, std::int64_t from, std::size_t count) {
  std::string bytes(count, '\0');
  const auto read = ::pread(file.get(), bytes.data(), count, from);
  if (read < 0)
    throw connector_error{fmt::format("cannot read {} at byte {}: {}", path, from, system_reason(errno))};
  bytes.resize(static_cast<std::size_t>(read));
  return bytes;
}

/// A file of today, looked at with what is known of one.
class found_content {
public:
  explicit found_content(const std::string& path)
    : path_{path}, file_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)} {
    if (!file_)
      throw connector_error{fmt::format("cannot open {}: {}", path, system_reason(errno))};
    now_ = facts_of(file_.get());
  }

  [[nodiscard]] file_content compare(const known_file& with) const {
    const bool itself = !with.mark.opened() || now_.identity == with.mark.identity;
    const bool begins_so = begins_as(with.mark.head);
    if (
      now_.size >= with.position && begins_so && excerpt_of(before(with.position, with.mark.tail.bytes)) == with.mark.tail)
      return file_content::same;
    if (!itself)
      return file_content::other;
    if (!begins_so && (now_.size == 0 || now_.size >= static_cast<std::int64_t>(with.mark.head.bytes)))
      return file_content::emptied;
    return now_.size < with.position ? file_content::shorter : file_content::altered;
  }

  /// Whether the rest of a line stands at the position, the first part of which was read as a line.
  [[nodiscard]] bool half_line(const known_file& of) const {
    if (of.position == 0 || of.mark.skipping || before(of.position, 1) == "\n")
      return false;
    const auto next = bytes_at(file_, path_, of.position, 2);
    return !next.empty() && next[0] != '\n' && next != "\r\n";
  }

  [[nodiscard]] resumed_file resume(std::int64_t position) const {
    const auto most = std::min(position, static_cast<std::int64_t>(record_buffer::excerpt));
    return {
      path_, now_, position, bytes_at(file_, path_, 0, static_cast<std::size_t>(most)),
      before(position, static_cast<std::size_t>(most))};
  }

  [[nodiscard]] const file_facts& now() const noexcept { return now_; }

private:
  [[nodiscard]] bool begins_as(const file_excerpt& head) const {
    return excerpt_of(bytes_at(file_, path_, 0, head.bytes)) == head;
  }
  [[nodiscard]] std::string before(std::int64_t position, std::size_t count) const {
    return bytes_at(file_, path_, position - static_cast<std::int64_t>(count), count);
  }

  std::string path_;
  open_file file_;
  file_facts now_;
};

/// Which names a search for a renamed file finds: those of the pattern, and the folders of files that are known.
class names_by_identity {
public:
  names_by_identity(const file_pattern& pattern, const std::vector<known_file>& known) {
    for (auto& path : pattern.files().files)
      add(path);
    std::set<std::string> folders;
    for (const auto& k : known)
      folders.insert(std::filesystem::path{k.path}.parent_path().string());
    for (const auto& folder : folders) {
      std::error_code failed;
      for (std::filesystem::directory_iterator at{folder.empty() ? "." : folder, failed}, end; !failed && at != end;
           at.increment(failed))
        add(folder.empty() ? at->path().filename().string() : at->path().string());
    }
  }

  [[nodiscard]] const std::string* find(const file_identity& which) const {
    const auto found = names_.find(which);
    return found == names_.end() ? nullptr : &found->second;
  }

private:
  void add(const std::string& path) {
    try {
      if (const auto facts = facts_of(path); facts && facts->regular)
        names_.try_emplace(facts->identity, path);
    } catch (const connector_error&) { // it cannot be the one, or it will be missed
    }
  }

  std::map<file_identity, std::string> names_;
};

/// Each file once: one that was renamed is known under two names, and was read further under the later.
std::vector<known_file> without_former_names(const std::vector<saved_reading>& read) {
  std::vector<known_file> all;
  std::map<file_identity, std::size_t> by_identity;
  for (const auto& r : read) {
    known_file k{r.which.topic, r.position, r.evidence.empty() ? file_bookmark{} : bookmark_from(r.evidence)};
    if (k.mark.opened()) {
      const auto [at, fresh] = by_identity.try_emplace(k.mark.identity, all.size());
      if (!fresh) {
        if (auto& other = all[at->second]; other.position < k.position)
          other = std::move(k);
        continue;
      }
    }
    all.push_back(std::move(k));
  }
  return all;
}

class search {
public:
  search(const std::vector<saved_reading>& read, const resuming& how)
    : how_{how}, known_{without_former_names(read)}, names_{how.pattern, known_} {
    for (auto& path : how.pattern.files().files)
      wanted_.insert(std::move(path));
  }

  std::vector<resumed_file> run() {
    for (const auto& k : known_)
      look_for(k);
    return std::move(found_);
  }

private:
  void look_for(const known_file& k) {
    file_situation s;
    s.begun = k.position > 0;
    s.all_read = k.position >= k.mark.size;
    s.follows = how_.follows;
    const auto facts = facts_of(k.path);
    const bool here = facts && facts->regular;
    std::optional<found_content> at_path, renamed;
    if (here) {
      at_path.emplace(k.path);
      s.at_path = at_path->compare(k);
    }
    const auto* const other_name =
      k.mark.opened() && !(here && at_path->now().identity == k.mark.identity) ? names_.find(k.mark.identity) : nullptr;
    if (other_name != nullptr) {
      renamed.emplace(*other_name);
      s.renamed = renamed->compare(k);
    }
    const auto& now = renamed ? renamed : at_path;
    s.half_line = now && (renamed ? s.renamed : s.at_path) == file_content::same && now->half_line(k);
    act(decide_file(s), s, k, now ? &*now : nullptr);
  }

  void act(file_action what, const file_situation& s, const known_file& k, const found_content* now) {
    switch (what) {
    case file_action::go_on:
    case file_action::go_on_renamed:
      return go_on(k, now->resume(k.position));
    case file_action::begin:
      if (s.begun)
        spdlog::warn(
          "source '{}': {} is read from its start: since byte {} of it was read, it {}", how_.step, k.path, k.position,
          explain_refusal(s));
      return;
    case file_action::leave:
      if (s.begun)
        spdlog::info("source '{}': {}, of which all {} bytes were read, is gone", how_.step, k.path, k.position);
      return;
    case file_action::refuse:
      return refuse(s, k);
    }
  }

  void go_on(const known_file& k, resumed_file at) {
    if (!wanted_.contains(at.path) && at.path == k.path && at.now.size == k.position)
      return; // nobody asks for it any more, and nothing of it is left
    if (at.path != k.path)
      spdlog::info("source '{}': {} is called {} now, and is read on at byte {}", how_.step, k.path, at.path, k.position);
    at.skipping = k.mark.skipping;
    found_.push_back(std::move(at));
  }

  void refuse(const file_situation& s, const known_file& k) const {
    const auto what = fmt::format(
      "{}, which the checkpoint has read up to byte {} of {}, {}", k.path, k.position, std::max(k.mark.size, k.position),
      explain_refusal(s));
    if (!how_.accepts_changes)
      throw connector_error{fmt::format(
        "{}. Put back what was there; or, to go on all the same and read what is there now from its start, set "
        "files.accept-changes for this start",
        what)};
    spdlog::warn("source '{}': {}; what is there now is read from its start", how_.step, what);
  }

  const resuming& how_;
  const std::vector<known_file> known_;
  const names_by_identity names_;
  std::set<std::string> wanted_; // by the pattern
  std::vector<resumed_file> found_;
};

} // namespace

std::vector<resumed_file> find_again(const std::vector<saved_reading>& read, const resuming& how) {
  return read.empty() ? std::vector<resumed_file>{} : search{read, how}.run();
}

resumed_file resume_at(const std::string& path, std::int64_t position) {
  const found_content file{path};
  if (file.now().size < position)
    throw connector_error{
      fmt::format("{} has {} bytes: there is nothing to go on with at byte {}", path, file.now().size, position)};
  return file.resume(position);
}

} // namespace leat
