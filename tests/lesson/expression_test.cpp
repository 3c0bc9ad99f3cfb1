#include "common/lesson/expression.h"

#include "common/lesson/error.h"
#include "tests/catch.h"

using lesson::evaluate;

TEST_CASE("formulas follow the rules of arithmetic", "[lesson]") {
  const lesson::Variables v = {{"n", 3}, {"head_dim", 32}};
  CHECK(evaluate("1 + 2 * n", v) == 7);
  CHECK(evaluate("(1 + 2) * n", v) == 9);
  CHECK(evaluate("n * (n + 1) / 2", v) == 6);
  CHECK(evaluate("10 - 2 - 3", v) == 5);
  CHECK(evaluate("24 / 2 / 3", v) == 4);
  CHECK(evaluate(" 4*n*head_dim ", v) == 384);
  CHECK(evaluate("1.5 * 2", v) == 3);
  CHECK(evaluate("2 * ceil(n / 2) + 1", v) == 5);
}

TEST_CASE("a formula that is not understood is named with the reason", "[lesson]") {
  CHECK_THROWS_WITH(evaluate("2 * m", {}), "formula '2 * m': 'm' is not known");
  CHECK_THROWS_WITH(evaluate("2 *", {}), "formula '2 *': it ends too early");
  CHECK_THROWS_WITH(evaluate("(1", {}), "formula '(1': a ')' is missing");
  CHECK_THROWS_WITH(evaluate("ceil(1", {}), "formula 'ceil(1': a ')' is missing");
  CHECK_THROWS_WITH(evaluate("1 2", {}), "formula '1 2': '2' is too much");
  CHECK_THROWS_WITH(evaluate("* 2", {}), "formula '* 2': '*' is not expected");
}
