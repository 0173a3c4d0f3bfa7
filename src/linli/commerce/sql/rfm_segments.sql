-- The ten names of the R × F table printed with UCI Online Retail.
SELECT s.*, CASE
    WHEN r <= 2 AND f_score <= 2 THEN 'hibernating'
    WHEN r <= 2 AND f_score <= 4 THEN 'at_risk'
    WHEN r <= 2 THEN 'cant_lose'
    WHEN r = 3 AND f_score <= 2 THEN 'about_to_sleep'
    WHEN r = 3 AND f_score = 3 THEN 'need_attention'
    WHEN r <= 4 AND f_score >= 4 THEN 'loyal_customers'
    WHEN r = 4 AND f_score = 1 THEN 'promising'
    WHEN r = 5 AND f_score = 1 THEN 'new_customers'
    WHEN f_score <= 3 THEN 'potential_loyalists'
    ELSE 'champions' END AS segment
FROM ({scored}) s
