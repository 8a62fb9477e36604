#include <leat/connectors/epochs/epoch_committer.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <future>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

namespace leat {

/// What the actor and the thread share. Invariant: `committed` is never ahead of what brokers hold.
struct epoch_committer::core {
  core(std::uint32_t number, outlet_maker outlets, waker w)
    : shard{number}, make_outlet{std::move(outlets)}, wake{std::move(w)} {}

  void run() noexcept;
  void restore();
  void write();

  const std::uint32_t shard;
  const outlet_maker make_outlet;
  const waker wake;
  outlet_link link;
  std::promise<void> over;

  std::unique_ptr<epoch_outlet> own; // the thread's

  std::mutex m;
  std::condition_variable more;
  bool wants_restore = false; // guarded by m, as all below
  std::uint64_t checkpoint = 0;
  std::vector<saved_epoch_log> logs;
  std::uint64_t wanted = 0; // the epoch to commit up to
  std::vector<std::shared_ptr<const epoch_section>> sections;
  std::optional<std::uint64_t> restored;
  std::uint64_t committed = 0;
  std::exception_ptr failure;
};

void epoch_committer::core::run() noexcept {
  const auto& stop = link.stop;
  try {
    own = make_outlet(shard, link);
    while (!stop) {
      std::unique_lock lock{m};
      more.wait(lock, [&] { return stop || wants_restore || wanted > committed; });
      const bool restores = wants_restore;
      lock.unlock();
      if (restores)
        restore();
      else if (!stop)
        write();
      if (!stop)
        wake();
    }
  } catch (...) {
    const std::lock_guard lock{m};
    failure = std::current_exception();
  }
  if (!stop)
    wake();
}

void epoch_committer::core::restore() {
  std::map<std::uint32_t, std::vector<saved_epoch_log>> by_shard;
  for (auto& log : logs)
    by_shard[log.name.shard].push_back(std::move(log));
  for (auto& [number, of] : by_shard)
    std::ranges::sort(of, {}, [](const saved_epoch_log& l) { return l.name.epoch; });
  for (const auto& [number, of] : by_shard)
    if (number != shard)
      make_outlet(number, link)->restore(checkpoint, of);
  const auto marker = own->restore(checkpoint, by_shard[shard]);
  const std::lock_guard lock{m};
  if (link.stop)
    return;
  wants_restore = false;
  logs.clear();
  restored = marker;
  committed = checkpoint;
}

void epoch_committer::core::write() {
  std::unique_lock lock{m};
  const auto all = std::exchange(sections, {});
  const auto epoch = wanted;
  lock.unlock();
  const auto last = std::ranges::find_if(all.rbegin(), all.rend(), [](const auto& s) { return s->sets_marker; });
  std::vector<std::string_view> texts; // up to the last one that sets the marker, as the logs behind it say
  for (auto s = all.begin(); s != last.base(); ++s)
    texts.push_back(*(*s)->log);
  if (!texts.empty())
    own->write(std::move(texts));
  lock.lock();
  if (!link.stop)
    committed = epoch;
}

epoch_committer::epoch_committer(std::uint32_t shard, outlet_maker outlets, waker wake)
  : core_{std::make_shared<core>(shard, std::move(outlets), std::move(wake))} {
  thread_ = std::thread{[shared = core_] {
    shared->run();
    shared->over.set_value();
  }};
}

epoch_committer::~epoch_committer() {
  core_->link.stop = true;
  {
    const std::lock_guard lock{core_->m};
    core_->more.notify_all();
  }
  if (core_->over.get_future().wait_for(patience) == std::future_status::ready)
    thread_.join();
  else
    thread_.detach();
}

void epoch_committer::restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) {
  const std::lock_guard lock{core_->m};
  core_->wants_restore = true;
  core_->checkpoint = checkpoint;
  core_->logs = std::move(logs);
  core_->more.notify_all();
}

void epoch_committer::commit(std::uint64_t epoch, std::vector<std::shared_ptr<const epoch_section>> sections) {
  const std::lock_guard lock{core_->m};
  core_->wanted = epoch;
  std::ranges::move(sections, std::back_inserter(core_->sections));
  core_->more.notify_all();
}

std::optional<std::uint64_t> epoch_committer::restored() const {
  const std::lock_guard lock{core_->m};
  return core_->restored;
}

std::uint64_t epoch_committer::committed() const {
  const std::lock_guard lock{core_->m};
  if (core_->failure)
    std::rethrow_exception(core_->failure);
  return core_->committed;
}

std::uint64_t epoch_committer::rejected() const { return core_->link.rejected; }

} // namespace leat
