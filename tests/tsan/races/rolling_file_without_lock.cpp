#define LEAT_NO_LOCKS
#include <leat/connectors/alarm_clock.hpp>
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/files/file_facts.cpp>
#include <leat/connectors/files/rolling_file.cpp>

int main() {
  leat::rolling_file files{
    {"step", ".", "none", ".json", "", 1, leat::duration{1000}}, std::make_shared<leat::alarm_clock>(), [] {}};
  files.mark(1);
  while (files.stored() == 0) {
  }
}
