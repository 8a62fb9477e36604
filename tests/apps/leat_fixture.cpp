#include <leat/tests/apps/leat_fixture.hpp>

#include <leat/apps/leat/leat_command.hpp>
#include <leat/messages/delta.hpp>
#include <leat/persistence/retained_checkpoints.hpp>

#include <catch2/catch.hpp>

namespace leat::testing {

void leat_fixture::describe(
  const std::string& step, const std::string& state, std::string key_type, std::string value_type) {
  auto& described = job.step_of(step);
  described.parallelism = 2;
  described.states.push_back({state, std::move(key_type), std::move(value_type)});
}

void leat_fixture::put(const std::string& step, saved_entry entry) { entries_.emplace_back(step, std::move(entry)); }

void leat_fixture::checkpoint() {
  store_->begin(store_->manifest().checkpoint + 1);
  for (const auto& [step, e] : entries_) {
    delta_writer to{step, stored_group(e.owner, e.hash, job.max_parallelism)};
    to.put(e.state, e.key, e.value);
    store_->add(std::make_shared<const actor_state>(1, to.take()));
  }
  entries_.clear();
  REQUIRE(store_->commit(job));
}

std::string leat_fixture::retain() { return retained_checkpoints{directory_}.path(store_->retain()); }

command_result leat_fixture::leat(std::vector<std::string> arguments) const {
  return leat(std::move(arguments), [](std::string_view) {});
}

command_result
leat_fixture::leat(std::vector<std::string> arguments, const std::function<void(std::string_view)>& taken) const {
  command_result result;
  result.exit = cli::run_leat_command(
    arguments,
    [&](std::string_view text) {
      result.out += text;
      taken(text);
    },
    [&](std::string_view text) { result.err += text; });
  return result;
}

std::string leat_fixture::output(std::vector<std::string> arguments) const {
  auto result = leat(std::move(arguments));
  CHECK(result.err == "");
  CHECK(result.exit == 0);
  return result.out;
}

} // namespace leat::testing
