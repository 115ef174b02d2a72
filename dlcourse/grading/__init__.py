"""採点する側の部品です。nbgrader_config.py が、それぞれを nbgrader の手順に組み込みます。

install      nbgrader に設定のないところを、この教材のものに置き換えます。strict は、設定の誤りで命令を終わらせます。
autograde    nbgrader autograde の全体の流れです。1人ずつ、すべてを書くか、何も書かないかのどちらかにします。
standing     成績簿の点が、いまの提出と課題のものかどうかを言います。
collect      Moodle や Canvas から取り出した zip を、学生ごとのフォルダーに分けます。
submissions  提出されたファイルを探して読みます。
gradebook    成績簿を、はじめに1度読み、1人につき1度書きます。database は、データベースごとの違いです。
lateness     いつ提出したかと、遅れの減点です。times は、人の書いた時刻を読みます。
progress     どこまで進んだかと、最後に、それぞれの提出がどうなったかを知らせます。
cells        問題のセルを元どおりにし、先生が開くものから、動くものと外を見にいくものを除きます。
written      名前の消えた文章の解答を、前後の文章から見つけます。
pictures     画像の種類、大きさ、数と、見せられない理由です。
markup       学生の HTML を、手間を見積もってから、無害にします。characters は、画面を動かす文字を見えるようにします。
execute      ノートブックを動かす段階です。次の提出も、先に始めておきます。
pool         いくつかのノートブックを、この計算機か Dask のワーカーで並べて動かします。
worker       時間が過ぎたら止められる、採点する側のプロセスです。
notebook     ノートブック1つを動かします。解答は学生の側、テストは先生の側で。
sandbox      学生のプログラムを閉じ込めた、学生の側のプロセスを用意します。
proxies      テストから見た、学生の名前です。
generate_feedback  nbgrader generate_feedback の流れです。載っているものが変わったページを作り直します。
feedback     学生に返す資料を、1つのファイルで、外を見にいかず、動くもののないページにします。
exports      成績を、表計算と Canvas と Moodle の形で書き出します。
report       クラスの報告を作ります。notes は、そのために提出ごとの注意を残します。
refusal      採点をやめるときに、先生が読む1行です。
wire         2つの側の間を渡るもの(データと呼び出しだけ)です。
forkserver、confine、student は、学生の側のプロセスの中で動きます。
"""
