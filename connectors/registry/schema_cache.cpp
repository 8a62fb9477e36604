#include <leat/connectors/registry/schema_cache.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace leat {

using outcome = registry_answer::outcome;

schema_cache::schema_cache(fetch how, std::string who)
  : fetch_{std::move(how)}, who_{std::move(who)}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void schema_cache::keep(std::shared_ptr<const kept_schema> known) {
  const std::lock_guard lock{m_};
  const auto id = known->id;
  known_.insert_or_assign(id, entry{std::move(known)});
}

std::optional<schema_cache::entry> schema_cache::find(std::uint32_t id, const std::shared_ptr<wake_line>& line) {
  {
    const std::lock_guard lock{m_};
    const auto known = known_.find(id);
    if (known != known_.end() && (known->second.found || clock::now() < known->second.until))
      return known->second;
    const auto [open, is_new] = open_.try_emplace(id);
    open->second.waiting.insert(line);
    if (!is_new)
      return std::nullopt;
    due_.emplace(clock::now(), id);
  }
  asked_.notify_one();
  return std::nullopt;
}

void schema_cache::run(const std::stop_token& stop) {
  std::unique_lock lock{m_};
  while (!stop.stop_requested()) {
    const auto next = due_.empty() ? clock::now() + std::chrono::hours{1} : due_.begin()->first;
    if (next > clock::now()) {
      asked_.wait_until(lock, stop, next, [&] { return !due_.empty() && due_.begin()->first < next; });
      continue;
    }
    const auto id = due_.extract(due_.begin()).mapped();
    lock.unlock();
    auto answer = fetch_(id, stop);
    lock.lock();
    if (stop.stop_requested() || !take(id, std::move(answer)))
      continue;
    const auto answered = open_.extract(id);
    lock.unlock();
    for (const auto& line : answered.mapped().waiting)
      line->call();
    lock.lock();
  }
}

/// @returns whether that is the answer; otherwise the question is asked again later.
bool schema_cache::take(std::uint32_t id, schema_answer&& answer) {
  auto& open = open_.at(id);
  if (answer.found) {
    if (std::exchange(told_of_silence_, false))
      spdlog::info("{}: the schema registry answers again", who_);
    add(id, {std::move(answer.found)});
    return true;
  }
  std::chrono::milliseconds pause = first_pause;
  if (answer.how.what == outcome::absent) {
    if (++open.denials == asked_before_absent) {
      add(id, {nullptr, std::move(answer.how.reason), clock::now() + absent_for});
      return true;
    }
    pause *= 2 * open.denials;
  } else {
    pause = std::min<std::chrono::milliseconds>(pause * (1 << std::min(open.failures++, 10)), longest_pause);
    const auto wish = std::chrono::duration_cast<std::chrono::milliseconds>(answer.how.retry_after.value_or(pause));
    pause = std::clamp<std::chrono::milliseconds>(wish, pause, longest_wish);
    tell(id, answer.how.reason);
  }
  due_.emplace(clock::now() + pause, id);
  return false;
}

void schema_cache::add(std::uint32_t id, entry&& known) {
  if (!known.found && ++absent_ > most_absent) {
    std::erase_if(known_, [](const auto& e) { return !e.second.found; });
    absent_ = 1;
  }
  known_.insert_or_assign(id, std::move(known));
}

void schema_cache::tell(std::uint32_t id, const std::string& reason) {
  told_of_silence_ = true;
  if (limit_.pass("", log_limit::clock::now()))
    spdlog::warn("{}: cannot get schema {}, its records wait: {}", who_, id, reason);
}

} // namespace leat
