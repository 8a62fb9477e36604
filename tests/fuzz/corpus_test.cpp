#include <leat/tests/fuzz/fuzz_target.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace leat::testing;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("all that fuzzing has found, and what it begins with, keeps its promises") {
  for (const auto& target : fuzz_targets()) {
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator{LEAT_FUZZ_CORPUS / std::filesystem::path{target.name}}) {
      INFO(file.path().string());
      CHECK_NOTHROW(target.run(text_of(file.path())));
      ++files;
    }
    INFO(target.name);
    CHECK(files > 0);
  }
}

TEST_CASE("inputs that are cut off anywhere keep their promises") {
  for (const auto& target : fuzz_targets())
    for (const auto& file : std::filesystem::directory_iterator{LEAT_FUZZ_CORPUS / std::filesystem::path{target.name}}) {
      INFO(file.path().string());
      const auto whole = text_of(file.path());
      const auto step = 1 + whole.size() / 64;
      for (std::size_t size = 0; size < whole.size(); size += step)
        CHECK_NOTHROW(target.run(std::string{whole, 0, size}));
    }
}
