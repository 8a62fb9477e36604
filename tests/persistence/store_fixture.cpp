#include <leat/tests/persistence/store_fixture.hpp>

#include <algorithm>

namespace leat::testing {

void changes::apply_to(store_contents& contents) const {
  for (const auto& whole : replaced)
    std::erase_if(contents, [&](const auto& e) { return std::pair{std::get<0>(e.first), std::get<2>(e.first)} == whole; });
  for (const auto& c : list) {
    const auto place = std::tuple{c.step, c.state, c.group, c.key};
    if (c.value)
      contents[place] = *c.value;
    else
      contents.erase(place);
  }
}

void changes::add_to(checkpoint_store& store) const {
  std::map<std::pair<std::string, std::uint16_t>, delta_writer> writers;
  const auto writer = [&](const std::string& step, std::uint16_t group) -> delta_writer& {
    const auto id = std::pair{step, group};
    const bool replaces = std::find(replaced.begin(), replaced.end(), id) != replaced.end();
    return writers.try_emplace(id, step, group, replaces).first->second;
  };
  for (const auto& [step, group] : replaced)
    writer(step, group);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& c = list[i];
    auto& to = writer(c.step, c.group);
    if (c.value && i % 7 == 0) { // several deltas of a group, with values that are shared
      const auto value = std::make_shared<const std::string>(*c.value);
      store.add(std::make_shared<const actor_state>(1, to.take_with(c.state, c.key, value)));
    } else if (c.value) {
      to.put(c.state, c.key, *c.value);
    } else {
      to.remove(c.state, c.key);
    }
  }
  for (auto& [ignored, to] : writers)
    store.add(std::make_shared<const actor_state>(1, to.take()));
}

store_contents::key_type random_place(std::mt19937& random) {
  std::string key;
  if (random() % 8 == 0)
    key.assign(600 + random() % 3 * 700, 'k'); // longer than LMDB's
  key += "key-" + std::to_string(random() % 60);
  const auto group = static_cast<std::uint16_t>(random() % 4);
  return {
    random() % 3 == 0 ? "joins" : "totals", random() % 2 == 0 ? "sum" : "count", group == 3 ? group_of_anyone : group, key};
}

changes random_changes(std::mt19937& random, std::size_t count) {
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  changes made;
  if (below(5) == 0)
    made.replaced.emplace_back(below(2) == 0 ? "totals" : "joins", static_cast<std::uint16_t>(below(3)));
  for (std::size_t i = 0; i < count; ++i) {
    auto [step, state, group, key] = random_place(random);
    std::optional<std::string> value;
    if (below(4) != 0)
      value = std::string(below(40) == 0 ? 5'000 : below(60), static_cast<char>('a' + below(26)));
    made.list.push_back({std::move(step), group, std::move(state), std::move(key), std::move(value)});
  }
  return made;
}

changes checkpoint_of_seed(unsigned seed, std::uint64_t number) {
  std::mt19937 random{seed + static_cast<unsigned>(number) * 7'919};
  return random_changes(random, 40);
}

store_contents contents_of_seed(unsigned seed, std::uint64_t checkpoints) {
  store_contents contents;
  for (std::uint64_t n = 1; n <= checkpoints; ++n)
    checkpoint_of_seed(seed, n).apply_to(contents);
  return contents;
}

write_result write_checkpoint(checkpoint_store& store, std::uint64_t number, const changes& handed_over) {
  store.begin(number);
  handed_over.add_to(store);
  return store.commit(job_manifest());
}

} // namespace leat::testing
