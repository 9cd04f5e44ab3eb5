-- Let wrk send one JSON body after another from the file that COADAPT_BODIES names.
local bodies = {}
for line in io.lines(os.getenv("COADAPT_BODIES")) do bodies[#bodies + 1] = line end
local next_body = 0

request = function()
  next_body = next_body % #bodies + 1
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, bodies[next_body])
end
