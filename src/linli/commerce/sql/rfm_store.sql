-- The scores of one method, kept for segments and pages.
INSERT INTO commerce_rfmscore (corp_id, customer_id, method, as_of, r_days, f, m, r, f_score, m_score, segment)
SELECT %(corp)s, customer_id, %(method)s, %(as_of)s, r_days, f, m, r, f_score, m_score, segment
FROM ({scores}) scored
