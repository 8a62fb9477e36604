#include <leat/base/nearest_name.hpp>

#include <catch2/catch.hpp>

using namespace leat;

TEST_CASE("the distance counts insertions, deletions, replacements and swaps of neighbours") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kafka", "kafk") == 1);
  CHECK(edit_distance("kafka", "kafkaa") == 1);
  CHECK(edit_distance("kafka", "kavka") == 1);
  CHECK(edit_distance("kafka", "kakfa") == 1);
  CHECK(edit_distance("ca", "abc") == 3); // 2 if a part could be edited twice
}

TEST_CASE("the nearest name is the one with the least distance, or none when all are far") {
  const std::string names[] = {"job.threads", "job.parallelism", "job.max-parallelism", "log.level"};
  CHECK(nearest_name("job.paralelism", names) == "job.parallelism");
  CHECK(nearest_name("lgo.level", names) == "log.level");
  CHECK(nearest_name("level", names) == "log.level");
  CHECK(nearest_name("max-parallelism", names) == "job.max-parallelism");
  CHECK(nearest_name("evel", names).empty());                 // a tail, but not of whole parts
  CHECK(nearest_name("job.par", names) == "job.parallelism"); // cut short
  CHECK(nearest_name("job.pa", names).empty());               // too short to go by
  const std::string alike[] = {
    "log.lives", "log.level", "checkpoints.interval", "checkpoints.retained", "group.a.long-name"};
  CHECK(nearest_name("log.leve", alike) == "log.level"); // nearer than any that it begins
  CHECK(nearest_name("checkpoints.", alike).empty());
  const std::string both[] = {"conf-alphabetical", "conf-alphanumerical"};
  CHECK(nearest_name("conf-alp", both).empty());
  CHECK(nearest_name("group", alike).empty()); // more than a part is missing
  CHECK(nearest_name("something", names).empty());
  CHECK(nearest_name("x", std::vector<std::string>{"y"}).empty()); // nothing of it is right
  CHECK(nearest_name(std::string(1'000'000, 'x'), names).empty());
}
