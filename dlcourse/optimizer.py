"""講義のプログラムと同じ名前の入口: `from dlcourse import optimizer`。中身は `dlcourse.optimizers` です。"""

from dlcourse.optimizers import SGD, AdaDelta, AdaGrad, Adam, Momentum, Nesterov, RMSProp

RMSprop = RMSProp

__all__ = ["SGD", "AdaDelta", "AdaGrad", "Adam", "Momentum", "Nesterov", "RMSProp", "RMSprop"]
