"""案卷库：一宗地一卷，答案只增不改，每条接着上一条的散列；每次评估连同规则包的版本一起留存。

chain 是散列链，record 是一卷读出来的样子，store 管存取，reading 按现在的词表读旧答案，
replay 与 differences 管重放和比对，exchange 管导出导入。
"""
