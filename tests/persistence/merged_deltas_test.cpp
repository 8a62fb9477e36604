#include <leat/persistence/merged_deltas.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

using namespace leat;

namespace {

/// What one actor says of two groups of a step, in words: "+a" is put, "-a" is removed, "=" in front: that is all.
struct said {
  std::uint16_t group = 0;
  std::string words;
};

actor_state snapshot(const std::vector<said>& all, const std::string& value = "v") {
  actor_state made;
  for (const auto& [group, words] : all) {
    delta_writer writer{"step", group, words.starts_with('=')};
    for (std::size_t i = words.starts_with('='); i + 1 < words.size(); i += 2) {
      const std::string key{words[i + 1]};
      const auto* const state = key < "n" ? "first" : "second";
      words[i] == '+' ? writer.put(state, key, value) : writer.remove(state, key);
    }
    made.push_back(writer.take());
  }
  return made;
}

/// What a store has, group by group.
using contents = std::map<std::uint16_t, std::map<std::string, std::string>>;

/// Stores a checkpoint.
void store(contents& in, const actor_state& what) {
  for (const auto& d : what)
    if (d.replaces)
      in[d.group].clear();
  for (const auto& d : what) {
    delta_reader reader{d};
    while (const auto e = reader.next()) {
      const auto key = d.states[e->state] + '/' + std::string{e->key};
      if (e->value)
        in[d.group][key] = *e->value;
      else
        in[d.group].erase(key);
    }
  }
}

std::size_t entries(const actor_state& of) {
  std::size_t n = 0;
  for (const auto& d : of) {
    delta_reader reader{d};
    while (reader.next())
      ++n;
  }
  return n;
}

/// What two snapshots say together, of keys that the store has before: a, b, and in another state z.
contents merged(const std::vector<said>& older, const std::vector<said>& newer) {
  contents in;
  store(in, snapshot({{0, "+a+b+z"}, {1, "+a"}}, "old"));
  store(in, merge_deltas(snapshot(older, "1"), snapshot(newer, "2")));
  return in;
}

/// Changes of six keys in two groups, some in two deltas.
std::vector<said> random_words(std::mt19937& random) {
  const std::vector<std::string> kinds{"+", "-", "-+", "", "", ""};
  std::vector<said> all;
  for (const std::uint16_t group : {0, 1}) {
    const std::string begin = random() % 8 == 0 ? "=" : "";
    std::string parts[2] = {begin, begin};
    for (const char key : {'k', 'l', 'm', 'n', 'o', 'p'})
      for (const char kind : kinds[random() % kinds.size()])
        (parts[key % 2] += kind) += key;
    for (const auto& p : parts)
      if (random() % 4 != 0)
        all.push_back({group, p});
  }
  return all;
}

} // namespace

TEST_CASE("of a key that two snapshots speak of, the newer one counts") {
  CHECK(
    merged({{0, "+a+c"}}, {{0, "+a"}})[0] ==
    std::map<std::string, std::string>{{"first/a", "2"}, {"first/b", "old"}, {"first/c", "1"}, {"second/z", "old"}});
  CHECK(
    merged({{0, "+a-b"}}, {{0, "-a+b"}})[0] == std::map<std::string, std::string>{{"first/b", "2"}, {"second/z", "old"}});
  CHECK(entries(merge_deltas(snapshot({{0, "+a-b+c"}}), snapshot({{0, "-a+b"}}))) == 3);
}

TEST_CASE("what one of the snapshots alone says is still said") {
  const auto all = merged({{0, "-z"}}, {{1, "+c"}});
  CHECK(all.at(0) == std::map<std::string, std::string>{{"first/a", "old"}, {"first/b", "old"}});
  CHECK(all.at(1) == std::map<std::string, std::string>{{"first/a", "old"}, {"first/c", "2"}});
}

TEST_CASE("a newer snapshot that says all of a group leaves nothing of the older") {
  CHECK(merged({{0, "+a+c"}}, {{0, "=+b"}})[0] == std::map<std::string, std::string>{{"first/b", "2"}});
  CHECK(merged({{0, "=+a+c"}}, {{0, "="}})[0].empty());
}

TEST_CASE("an older snapshot that says all of a group still does with the changes behind it") {
  CHECK(merged({{0, "=+a+c"}}, {{0, "-a+b"}})[0] == std::map<std::string, std::string>{{"first/b", "2"}, {"first/c", "1"}});
  CHECK(merged({{0, "="}}, {{0, "+b"}})[0] == std::map<std::string, std::string>{{"first/b", "2"}});
  CHECK(merged({{0, "=+a"}}, {{0, "+a"}})[0] == std::map<std::string, std::string>{{"first/a", "2"}});
}

TEST_CASE("a key that is removed and put again in one snapshot is there") {
  CHECK(merged({{0, "-a+a"}}, {{0, "+b"}})[0].at("first/a") == "1");
  CHECK(merged({{0, "+a"}}, {{0, "-a+a"}})[0].at("first/a") == "2");
}

TEST_CASE("however many random snapshots are merged, the store comes to the same, and what is merged does not grow") {
  std::mt19937 random{1};
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    contents one_by_one, at_once;
    actor_state kept;
    for (int n = 0; n < 20; ++n) {
      auto next = snapshot(random_words(random), std::to_string(n));
      store(one_by_one, next);
      kept = n == 0 ? std::move(next) : merge_deltas(kept, next);
    }
    store(at_once, kept);
    std::erase_if(one_by_one, [](const auto& g) { return g.second.empty(); });
    std::erase_if(at_once, [](const auto& g) { return g.second.empty(); });
    REQUIRE(at_once == one_by_one);
    REQUIRE(entries(kept) <= 2 * 2 * 6); // six keys in two groups, each removed and put
  }
}

TEST_CASE("of an actor that has ended, what replaces the entries of all and of anyone counts from then on") {
  const auto ended = snapshot({{3, "=+a"}, {group_of_all, "=+b"}, {group_of_anyone, "=+c"}, {group_of_anyone, "+d"}});
  const auto lasting = lasting_deltas(ended);
  REQUIRE(lasting.size() == 2);
  CHECK(lasting[0].group == group_of_all);
  CHECK(lasting[1].group == group_of_anyone);
  CHECK(lasting[1].bytes == ended[2].bytes);
}
