#include <leat/persistence/stored_checkpoints.hpp>

#include <leat/base/error.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

namespace leat {

namespace {

/// A view that is read once, at the start, and may take its time.
constexpr std::chrono::hours whole_read{24};

stored_checkpoint found(checkpoint_view in, bool foreign) {
  const auto view = std::make_shared<const checkpoint_view>(std::move(in));
  return {
    view->manifest().checkpoint, view->manifest(), foreign, [view](const entry_visitor& visit) { view->restore(visit); },
    [view](std::string_view step, std::string_view state, const entry_visitor& visit) {
      if (const auto* const known = view->manifest().step(step); known && known->state(state))
        for (const auto group : view->groups(step))
          view->scan_group(step, state, group, [&](const stored_entry& e) { return visit(e), true; });
    }};
}

} // namespace

stored_checkpoints::stored_checkpoints(const std::string& directory, std::string from, const fold_policy& fold)
  : store_{directory, {.fold = fold}}, from_{std::move(from)} {}

void stored_checkpoints::store(const complete_checkpoint& what) {
  store_.begin(what.epoch);
  for (const auto& uid : dropped_)
    store_.drop(uid);
  for (const auto& changes : what.states)
    store_.add(changes);
  job_.time = std::chrono::floor<duration>(std::chrono::system_clock::now());
  if (const auto written = store_.commit(job_); !written)
    throw state_error{written.text};
  dropped_.clear();
}

bool stored_checkpoints::tidy() {
  const auto done = store_.fold_some();
  return done.deltas != 0 && done.written;
}

std::optional<stored_checkpoint> stored_checkpoints::last() {
  if (store_.manifest().checkpoint != 0)
    try {
      return found(store_.view(whole_read), false);
    } catch (const lmdb_error& e) {
      if (e.code() != MDB_PANIC)
        throw;
      throw connector_error{
        fmt::format("{}; it has to be opened anew, which waits for a copy that is being made", e.what())};
    }
  if (from_.empty())
    return std::nullopt;
  auto first = found(
    std::filesystem::is_directory(from_) ? checkpoint_view::open(from_, whole_read) : checkpoint_view::open_copy(from_),
    true);
  if (first.epoch == 0)
    throw state_error{fmt::format("{}: holds no checkpoint to begin with", from_)};
  return first;
}

std::unique_ptr<stored_entries> stored_checkpoints::entries_of(const std::string& uid, std::uint32_t max_parallelism) {
  return store_.lookup(uid, max_parallelism);
}

std::string stored_checkpoints::save() {
  if (store_.manifest().checkpoint == 0)
    throw state_error{fmt::format("{}: there is no checkpoint yet that could be copied", store_.directory())};
  const auto number = store_.retain(retained_checkpoints::copy::savepoint);
  return retained_checkpoints{store_.directory()}.path(number);
}

void stored_checkpoints::retain(std::size_t count) {
  const std::unique_lock alone{retains_, std::try_to_lock};
  if (!alone)
    return; // a copy from before the job was started again is under way
  (void)store_.retain(retained_checkpoints::copy::automatic);
  retained_checkpoints{store_.directory()}.keep_newest(count);
}

std::optional<duration> stored_checkpoints::since_retained() const {
  return retained_checkpoints{store_.directory()}.age_of_newest();
}

} // namespace leat
