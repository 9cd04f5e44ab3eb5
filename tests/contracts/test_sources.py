"""Hold every data source there is to the contract, each on a sample of its own form."""

import json

import pytest

from coadapt.data.sources.base import make_source
from coadapt.data.stream import Stream
from coadapt.plugins import plugin_modules
from coadapt.testing.sources import FileSourceContract, SourceContract

REVIEW = {"reviewerID": "A", "asin": "1", "overall": 5.0, "unixReviewTime": 1393545600}
REES46_HEADER = (
    "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
)
CDNOW_LINES = [
    " customer_id  date number_of_cds  dollar_value",
    " 00001 19970101  1   11.77",
    " 00002 19970112  1   12.00",
]
SAMPLES: dict[str, dict[str, list[str]]] = {
    "amazon_reviews": {
        "reviews.json": [json.dumps(REVIEW), json.dumps(REVIEW | {"reviewerID": "B"})]
    },
    "delicious_2k": {
        "user_taggedbookmarks-timestamps.dat": [
            "userID\tbookmarkID\ttagID\ttimestamp",
            "8\t1\t1\t1289255362000",
            "8\t1\t2\t1289255362000",
            "9\t1\t2\t1289255362000",
        ],
        "user_contacts.dat": ["userID\tcontactID\tday", "8\t9\t1"],
        "bookmarks.dat": ["id\tmd5\ttitle\turl\tmd5Principal\turlPrincipal", "1\tm\tA\tu\tn\ts"],
    },
    "events_file": {
        "events.csv": [
            "user_id,item_id,type,timestamp,value",
            'a/b,"🎉 ""x""",purchase,1700000000,9.5',
            "u,,session_end,1700000001,",
        ]
    },
    "lastfm_2k": {
        "user_artists.dat": ["userID\tartistID\tweight", "2\t51\t13883", "3\t51\t11690"],
        "user_friends.dat": ["userID\tfriendID", "2\t3", "3\t2"],
        "artists.dat": ["id\tname\turl\tpictureURL", "51\tDuran Duran\thttp://d\thttp://p"],
        "user_taggedartists.dat": [
            "userID\tartistID\ttagID\tday\tmonth\tyear",
            "2\t51\t1\t1\t4\t9",
        ],
        "tags.dat": ["tagID\ttagValue", "1\tpop"],
    },
    "movielens_100k": {
        "u.data": ["196\t242\t3\t881250949", "186\t302\t3\t891717742"],
        "u.user": ["196|49|M|writer|55105"],
        "u.item": ["242|Kolya (1996)|24-Jan-1997||http://x|" + "|".join("0" * 19)],
    },
    "movielens_1m": {
        "ratings.dat": ["1::1193::5::978300760", "1::661::3::978302109"],
        "movies.dat": ["661::James (1996)::Animation", "1193::Cuckoo (1975)::Drama"],
        "users.dat": ["1::F::1::10::48067"],
    },
    "rees46": {
        "2019-Oct.csv": [
            REES46_HEADER,
            "2019-10-01 00:00:00 UTC,view,44,21,,shiseido,35.79,54,72d7",
            "2019-10-01 00:00:09 UTC,purchase,44,21,care.face,shiseido,33.00,54,72d7",
        ]
    },
    "retailrocket": {
        "events.csv": [
            "timestamp,visitorid,event,itemid,transactionid",
            "1433221332117,257597,view,355908,",
            "1433224214164,992329,transaction,248676,7",
        ]
    },
    "taobao_userbehavior": {
        "UserBehavior.csv": ["1,2268318,2520377,pv,1511544070", "1,2333346,2520771,fav,1511561733"]
    },
    "uci_online_retail": {
        "retail.csv": [
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            "536370,22728,ALARM CLOCK,24,2010-12-01 08:45:00,3.75,12583.0,France",
            "C536383,22728,ALARM CLOCK,-1,2010-12-02 08:45:00,3.75,12583.0,France",
        ]
    },
}


NOT_HERE = {"synthetic", "cdnow"}


class TestFileSources(FileSourceContract):
    @pytest.fixture(
        params=[name for name in plugin_modules("data/sources") if name not in NOT_HERE]
    )
    def name(self, request):
        return request.param

    @pytest.fixture
    def source(self, name):
        return make_source(name)

    @pytest.fixture
    def path(self, name, tmp_path):
        folder = tmp_path / "sample"
        folder.mkdir()
        for file, lines in SAMPLES[name].items():
            (folder / file).write_text("\n".join(lines) + "\n")
        return folder / "events.csv" if name == "events_file" else folder


class TestSourceWithoutItems(FileSourceContract):
    @pytest.fixture
    def source(self):
        return make_source("cdnow")

    @pytest.fixture
    def path(self, tmp_path):
        folder = tmp_path / "sample"
        folder.mkdir()
        (folder / "CDNOW_master.txt").write_text("\n".join(CDNOW_LINES) + "\n")
        return folder

    def test_what_was_read_can_be_learnt_from(self, table):
        assert len(Stream.from_frame(table.events)) == table.events.height


class TestSynthetic(SourceContract):
    @pytest.fixture
    def source(self):
        return make_source("synthetic", {"n_users": 20, "n_items": 10, "n_events": 200})
