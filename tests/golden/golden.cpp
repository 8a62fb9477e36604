#include "golden.hpp"

#include <leat/actors/running_job.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

namespace leat::testing {

namespace {

using rows = std::vector<std::string>;

rows lines_of(const std::string& path) {
  std::ifstream file{path};
  rows all;
  for (std::string one; std::getline(file, one);)
    all.push_back(one);
  return all;
}

/// The rows of all files of a folder, those of one writer in their order, epoch by epoch where there are any; a header comes once.
rows written_rows(const temporary_folder& folder, const std::string& name, bool header) {
  auto files = folder.names(name);
  const auto last_number = [](const std::string& file) { return file.substr(file.rfind('-') + 1); };
  std::ranges::sort(files, {}, [&](const std::string& file) { return std::pair{last_number(file), file}; });
  rows all;
  for (const auto& file : files) {
    if (file.starts_with('.'))
      continue; // it is not complete
    const auto lines = lines_of(folder.path(name) + '/' + file);
    all.insert(all.end(), lines.begin() + (header && !all.empty() ? 1 : 0), lines.end());
  }
  return all;
}

rows sorted(rows all) {
  std::sort(all.begin(), all.end());
  return all;
}

std::map<std::string, rows> by_key(const rows& all) {
  std::map<std::string, rows> keys;
  for (const auto& row : all)
    keys[row.substr(0, row.find(','))].push_back(row);
  return keys;
}

/// What is in one and not in the other, a line each.
std::string differences(const rows& actual, const rows& expected) {
  std::ostringstream text;
  const auto one_sided = [&](const rows& a, const rows& b, const char* what) {
    rows only;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    for (const auto& row : only)
      text << what << row << '\n';
  };
  one_sided(sorted(expected), sorted(actual), "missing:  ");
  one_sided(sorted(actual), sorted(expected), "too much: ");
  return text.str();
}

bool is_writing() {
  const char* const asked = std::getenv("LEAT_GOLDEN_WRITE");
  return asked != nullptr && *asked == '1';
}

settings golden_settings() {
  settings s;
  s.set("time.max-past", {"36500d", "golden", {}, false}); // times in the files are small numbers
  s.set("time.max-future", {"10min", "golden", {}, false});
  s.set("files.accept-changes", {"false", "golden", {}, false});
  return s;
}

} // namespace

golden_run::golden_run(std::uint32_t parallelism, pace how)
  : parallelism_{parallelism}, pace_{how}, place_{std::make_shared<golden_place>()} {}

golden_run::golden_run(std::uint32_t parallelism, std::shared_ptr<golden_place> place, std::optional<golden_death> end)
  : parallelism_{parallelism}, pace_{pace::one_record}, checkpoints_{true}, place_{std::move(place)},
    death_{end ? std::make_shared<death>(end->records, end->more, registry_) : nullptr} {}

golden_run::data_file golden_run::file_of(const std::string& name) {
  const auto path = std::string{LEAT_GOLDEN_DATA} + '/' + name;
  if (std::filesystem::exists(path + ".json"))
    return {path + ".json", &json};
  return {path + ".csv", &csv}; // the source says when it is not there
}

job_result golden_run::run() {
  run_options options;
  options.parallelism = parallelism_;
  options.threads = 2;
  options.bounded = true;
  options.credit = pace_ == pace::one_record ? 1024 : 2; // the watermark follows a record only where there is credit
  options.restart.how = restart_options::strategy::none;
  if (checkpoints_) {
    options.checkpoints.directory = place_->state.path();
    options.checkpoints.interval = 5ms;
  }
  const auto config = golden_settings();
  running_job running{job_.plan(), options, config, registry_};
  return running.wait();
}

std::int64_t golden_run::finish() {
  const auto result = run();
  INFO("parallelism " << parallelism_ << (pace_ == pace::batches ? ", in batches" : ", one record at a time"));
  REQUIRE(result.reason.empty());
  CHECK(registry_.sum("dead_letters") == 0);
  for (const auto& expected : expected_)
    compare(expected);
  return registry_.sum("records_in");
}

std::int64_t golden_run::die() {
  const auto result = run();
  INFO("parallelism " << parallelism_);
  REQUIRE_THAT(result.reason, Catch::Contains("killed"));
  return registry_.sum("records_in");
}

void golden_run::compare(const expectation& expected) const {
  const auto file = file_of(expected.name);
  const auto actual = written_rows(place_->out, expected.name, file.as == &csv);
  if (is_writing() && !checkpoints_) {
    std::ofstream to{file.path};
    for (const auto& row : actual)
      to << row << '\n';
  }
  const auto wanted = lines_of(file.path);
  INFO(file.path);
  const auto differs = differences(actual, wanted);
  CHECK(differs == "");
  if (expected.order == row_order::per_key && differs.empty())
    for (const auto& [key, of_key] : by_key(wanted)) {
      INFO("rows of " << key << " in another order");
      CHECK(by_key(actual)[key] == of_key);
    }
}

void golden(const std::function<void(golden_run&)>& describe) {
  golden(pace::batches, describe);
  golden(pace::one_record, describe);
}

void golden(pace only, const std::function<void(golden_run&)>& describe) {
  std::int64_t records = 0;
  for (const auto parallelism : {1U, 2U, 5U}) {
    golden_run run{parallelism, only};
    describe(run);
    records = run.finish();
  }
  if (only == pace::batches)
    return;
  const auto place = std::make_shared<golden_place>();
  std::int64_t read = 0;
  const auto third = records / 3;
  for (const auto& [parallelism, end] :
       {std::pair{2U, std::optional{golden_death{third, third}}}, {5U, golden_death{third, 0}}, {1U, {}}}) {
    golden_run run{parallelism, place, end};
    describe(run);
    read += end ? run.die() : run.finish();
  }
  CHECK(read > records); // what was read behind a checkpoint was read again
}

} // namespace leat::testing
