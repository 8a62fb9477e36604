#include <leat/connectors/files/file_source.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_header.hpp>
#include <leat/connectors/files/file_reader.hpp>
#include <leat/connectors/files/resumed_files.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

/// @throws connector_error when a file that is there at the start cannot be read, or has a header that does not fit.
void check_file(const file_reading& how, const std::string& path) {
  try {
    const open_file file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file)
      throw connector_error{fmt::format("cannot be opened: {}", system_reason(errno))};
    if (!how.has_header())
      return;
    if (const auto header = read_header(file, *how.read_as, how.longest, !how.watch).text; !header.empty())
      (void)how.read_as->make_decoder_behind(header, *how.of);
  } catch (const connector_error& e) {
    throw connector_error{fmt::format("{}: {}", path, e.what())};
  }
}

bool accepts_changes(const connector_context& context) {
  return !context.read.empty() && context.config->boolean("files.accept-changes");
}

} // namespace

/// What `open` finds out.
struct file_source::opened {
  connector_context context;
  std::map<std::string, std::int64_t> sizes;     // of the files that were there
  std::map<std::string, resumed_file> resumed{}; // of them, those that are read on in their middle
  std::shared_ptr<file_reading> reading;
  std::atomic<std::uint32_t> readers{0};

  /// Whether the checkpoint's file of this name has been looked for.
  [[nodiscard]] bool knows(const partition& which) const {
    return std::ranges::any_of(context.read, [&](const saved_reading& r) { return r.which == which; });
  }
};

file_source::file_source(
  file_source_options options, const format& read_as, const schema& of,
  std::shared_ptr<const timestamp_assigner> event_time)
  : options_{std::move(options)}, format_{read_as}, schema_{of}, event_time_{std::move(event_time)} {}

file_source::~file_source() = default;

std::vector<partition> file_source::open(const connector_context& context) {
  auto now = std::make_unique<opened>();
  now->context = context;
  now->reading = std::make_shared<file_reading>();
  auto& how = *now->reading;
  how.step = context.step;
  how.read_as = &format_;
  how.of = &schema_;
  how.event_time = event_time_;
  how.bounds = time_bounds::of(*context.config);
  how.longest = options_.longest;
  how.origins = context.origins;
  how.search = std::make_shared<file_search>(context.step, file_pattern{options_.pattern});
  if (options_.follow && !context.bounded)
    how.watch = std::make_shared<file_watch>(context.config->span("files.poll-interval"));
  (void)format_.make_decoder(schema_); // throws for a record type that the format cannot hold

  std::vector<partition> found;
  try {
    for (auto& file :
         find_again(context.read, {context.step, how.search->pattern(), how.watch != nullptr, accepts_changes(context)})) {
      how.search->take(file.path, file.now.identity);
      now->sizes[file.path] = file.now.size;
      found.push_back({file.path, -1});
      now->resumed.emplace(file.path, std::move(file));
    }
    how.search->pattern().check(how.watch != nullptr);
    for (auto& file : how.search->find_new()) {
      check_file(how, file.path);
      now->sizes[file.path] = file.facts.size;
      found.push_back({std::move(file.path), -1});
    }
  } catch (const connector_error& e) {
    throw connector_error{fmt::format("source '{}': {}", context.step, e.what())};
  }
  if (found.empty() && !how.watch) { // a job without any partition would wait for one
    now->sizes[options_.pattern] = 0;
    found.push_back({options_.pattern, -1});
  }
  opened_ = std::move(now);
  return found;
}

std::unique_ptr<partition_reader>
file_source::make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) {
  auto& o = *opened_;
  std::optional<std::int64_t> end;
  if (!o.reading->watch)
    end = o.sizes.at(which.topic);
  const auto resumed = o.resumed.find(which.topic);
  std::optional<resumed_file> there;
  if (resumed != o.resumed.end())
    there = std::move(o.resumed.extract(resumed).mapped());
  else if (from.value_or(0) > 0 && !o.knows(which))
    there = resume_at(which.topic, *from);
  const auto instance = o.readers++;
  return std::make_unique<file_reader>(
    o.reading, which.topic, there ? &*there : nullptr, end, o.context.metrics->get("bytes_in", o.context.step, instance),
    time_refusals::of(*o.context.metrics, o.context.step, instance), std::move(wake));
}

void file_source::watch(const std::function<void(partition)>& on_new) {
  const auto& how = *opened_->reading;
  if (!how.watch)
    return; // what appears now comes after the end
  how.watch->at_each_interval([search = how.search, step = how.step, on_new, failure = std::make_shared<std::string>()] {
    std::string now;
    try {
      for (auto& file : search->find_new())
        on_new({std::move(file.path), -1});
    } catch (const connector_error& e) {
      now = e.what();
    }
    if (now != *failure && !now.empty())
      spdlog::warn("source '{}': {}; trying again until it can be done, no new file is found before", step, now);
    *failure = std::move(now);
  });
}

} // namespace leat
