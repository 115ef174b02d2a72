"""The judging of an answer that is given as source text."""

import numpy as np

from dlcourse.checks import EXERCISES


def judge(exercise_id, answer, seed=0):
    exercise = EXERCISES[exercise_id]
    return exercise.judge(exercise.define(answer), np.random.default_rng(seed))
