"""講義のプログラムが使う名前の入口: `from dlcourse import optimizer`。中身は `dlcourse.optimizers` です。

講義のプログラムを、読み込むところだけを直して動かすためのものです(「講義のプログラムとの違い」のページ)。
本と問題は、第4章から `dlcourse.optimizers` を使います。
"""

from dlcourse.optimizers import SGD, AdaDelta, AdaGrad, Adam, Momentum, Nesterov, RMSProp

RMSprop = RMSProp

__all__ = ["SGD", "AdaDelta", "AdaGrad", "Adam", "Momentum", "Nesterov", "RMSProp", "RMSprop"]
